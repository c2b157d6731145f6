"""Samples to figures, and figures to tables."""

import statistics

UNITS = {"us": 1e6, "ms": 1000.0, "s": 1.0, "MiB": 1 / 1024, "KiB": 1.0}


def summary(samples):
    """Median, least and 90th percentile (nearest rank)."""
    ordered = sorted(samples)
    return {"median": statistics.median(ordered), "min": ordered[0],
            "p90": ordered[max(0, -(-len(ordered) * 9 // 10) - 1)], "samples": len(ordered)}


def in_unit(value, unit):
    scaled = value * UNITS[unit]
    return f"{scaled:.0f}" if scaled >= 100 else f"{scaled:.1f}" if scaled >= 10 else f"{scaled:.2f}"


def cell(figures, unit):
    """Median (least - 90th percentile) unit."""
    low, high = in_unit(figures["min"], unit), in_unit(figures["p90"], unit)
    return f"{in_unit(figures['median'], unit)} {unit} ({low} - {high})"


def table(header, rows):
    """A Markdown table that is also readable as it stands."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(word.ljust(width) for word, width in zip(line, widths)) + " |"
                     for line in lines)
