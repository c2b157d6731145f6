// The hugetlb controller: pages of the sizes that the processor has beside the usual one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

struct HugetlbLimit {
  std::string page_size;  // as the kernel's files have it: "2MB", "1GB"
  uint64_t max = kUnlimited;
};

/// Both what is reserved (`rsvd`, Linux 5.7) and what is used is limited: a reservation beyond the
/// limit then fails in mmap(2), where a use beyond it ends the process with SIGBUS.
std::vector<Setting> HugetlbSettings(const std::vector<HugetlbLimit>& limits);

struct HugetlbStats {
  std::string page_size;
  uint64_t current = 0;
  uint64_t max = kUnlimited;
  uint64_t rsvd_current = 0;
  uint64_t refused = 0;  // hugetlb.*.events max
};

}  // namespace berth::cgroups
