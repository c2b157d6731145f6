// What a container is to others: the state of runtime.md, as hooks and the `state` command get it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>

namespace berth::runtime {

/// runtime.md, "State"; kPaused is what every runtime adds to it.
enum class Status { kCreating, kCreated, kRunning, kStopped, kPaused };

/// "creating", "created", ...
std::string_view Name(Status status);

struct ContainerState {
  std::string id;
  Status status = Status::kCreating;
  pid_t pid = 0;  // as the host numbers it; 0 if there is no process
  std::string bundle;
  std::map<std::string, std::string> annotations;
};

/// One JSON object, compact.
std::string StateJson(const ContainerState& state);

}  // namespace berth::runtime
