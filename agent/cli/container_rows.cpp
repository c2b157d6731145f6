#include "agent/cli/container_rows.h"

#include <algorithm>

namespace berth::agent::cli {
namespace {

Paint PaintOf(shim::Status status) {
  switch (status) {
    case shim::Status::kPending:
      return Paint::kDim;
    case shim::Status::kRunning:
      return Paint::kGreen;
    case shim::Status::kStopped:
      return Paint::kYellow;
  }
  return Paint::kDim;
}

Paint PaintOf(shim::Health health) {
  switch (health) {
    case shim::Health::kUnknown:
      return Paint::kDim;
    case shim::Health::kHealthy:
      return Paint::kGreen;
    case shim::Health::kUnhealthy:
      return Paint::kRed;
  }
  return Paint::kDim;
}

std::string Row(const ContainerView& container, Colours colours) {
  const bool stopped = container.status == shim::Status::kStopped;
  std::string row =
      Painted(Pad(std::string(Name(container.status)), 7), PaintOf(container.status), colours);
  if (container.health && !stopped) {
    row += "  " + Painted(Name(*container.health), PaintOf(*container.health), colours);
  }
  if (container.exit_code && stopped) row += fmt::format("  exit code {}", *container.exit_code);
  if (container.restart_count > 0) row += fmt::format("  restart {}", container.restart_count);
  if (!container.reason.empty()) row += "  " + OneLine(container.reason);
  return row;
}

}  // namespace

std::vector<std::string> ContainerRows(const TaskView& task, Colours colours) {
  int width = 0;
  for (const ContainerView& one : task.containers) width = std::max(width, Width(one.name));
  std::vector<std::string> rows;
  for (const ContainerView& container : task.containers) {
    const std::string name =
        Painted(Pad(container.name, width), cli::PaintOf(rows.size()), colours);
    rows.push_back(fmt::format("  {}  {}", name, Row(container, colours)));
  }
  return rows;
}

}  // namespace berth::agent::cli
