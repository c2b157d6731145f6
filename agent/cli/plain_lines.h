// What happens to a task, said in lines for people. Without line feeds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/shim/event.h"
#include "agent/state/state.h"
#include "agent/task/task_view.h"

namespace berth::agent::cli {

/// "image web:1 ready (sha256:0123456789ab)"
std::string ImageLine(std::string_view image, std::string_view digest);

/// One line for each interface or, in the modes without any of the task's own, one in all:
/// "network 172.31.0.5 (02:00:00:00:00:05) eth0", "network web 172.31.240.7, 8080->80/tcp".
std::vector<std::string> NetworkLines(const TaskView& task);

/// "8080->80/tcp"
std::string PortText(const PortRecord& port);

/// "web RUNNING", "web HEALTHY", "web STOPPED (exit code 1)",
/// "task STOPPED: Essential container in task exited".
std::string EventLine(const shim::Event& event);

/// The same for how a container stands.
std::string ContainerLine(const ContainerView& container);
/// And a task: "task web (0123456789ab) RUNNING".
std::string TaskLine(const TaskView& task);

}  // namespace berth::agent::cli
