// The containers of a task as rows that are redrawn while they change.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/styled_text.h"
#include "agent/task/task_view.h"

namespace berth::agent::cli {

/// A row for each container: name, status, health, exit code, restarts, reason. The names have the
/// colours that OutputLines gives them.
std::vector<std::string> ContainerRows(const TaskView& task, Colours colours);

}  // namespace berth::agent::cli
