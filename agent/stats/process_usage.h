// What single processes use, for hosts without the controllers that would count it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::agent::stats {

/// The processes of a cgroup.procs.
std::vector<int> ProcessesIn(std::string_view text);

/// The resident pages of each added up, in bytes (proc_pid_statm(5)). What several of them share is
/// counted in each, so this is the most that it can be. `proc` is where procfs is; those that have
/// ended count as nothing.
uint64_t ResidentMemory(const std::string& proc, const std::vector<int>& processes);

/// In bytes.
struct StorageUsage {
  uint64_t read = 0;
  uint64_t written = 0;
};
/// What each had read from and written to disks, added up (proc_pid_io(5)).
StorageUsage ReadStorageUsage(const std::string& proc, const std::vector<int>& processes);

}  // namespace berth::agent::stats
