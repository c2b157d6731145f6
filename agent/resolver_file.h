// The resolver of this host's tasks, as whoever launches a task finds it.
#pragma once

#include <optional>
#include <string>

#include "agent/paths.h"
#include "base/result.h"

namespace berth::agent {

struct TaskResolver {
  std::string address;
  std::string domain;  // below which tasks have their names
};

/// Berthd's to write and to remove: while the file is there, new tasks ask the resolver.
Result<void> WriteResolverFile(const Paths& paths, const TaskResolver& resolver);
/// Nothing if the host has no resolver for tasks.
std::optional<TaskResolver> ReadResolverFile(const Paths& paths);

}  // namespace berth::agent
