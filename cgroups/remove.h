// Taking down a tree of cgroups.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace berth::cgroups {

/// The cgroup directory `path` and all below it, each before its children; empty if it is gone.
Result<std::vector<std::string>> ListTree(const std::string& path);

/// The names of the directories in the directory `path`; none if it is gone.
Result<std::vector<std::string>> ListChildren(const std::string& path);

/// The value of `key` in a file of "key value" lines such as cgroup.events or memory.events; 0 if
/// it has no such line.
Result<uint64_t> ReadEvent(const std::string& file, std::string_view key);

/// Removes the directories from the deepest up, sleeping up to `patience` in all until those who
/// still live there have left. One that is gone is no error.
Result<void> RemoveDirectories(const std::string& path, std::chrono::milliseconds patience);

}  // namespace berth::cgroups
