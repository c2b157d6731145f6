// Properties of units as people write them, in annotations for one.
#pragma once

#include <string_view>

#include "base/result.h"
#include "systemd/unit_property.h"

namespace berth::systemd {

/// `text` as D-Bus tools take it (the text form of GVariant): true, 'text' or "text", a number (an
/// int32), a number after its type ("uint64 5", int64, uint32, int32), or a list of texts in
/// brackets. As for units in files, a name that ends in "Sec" stands for the property in
/// microseconds: TimeoutStopSec 1.5 is TimeoutStopUSec uint64 1500000. Fails on other names than
/// letters and digits, and on other values.
Result<UnitProperty> ParseProperty(std::string_view name, std::string_view text);

}  // namespace berth::systemd
