// On which processors a process runs (sched_setaffinity(2)).
#pragma once

#include <sched.h>

#include <string>

#include "base/result.h"

namespace berth::runtime {

/// Fails unless `list` is like "0-3,7" (cpuset(7), "List format").
Result<void> CheckCpuList(const std::string& list);

/// For this process from now on.
Result<void> SetCpuAffinity(const std::string& list);

/// For this process and what it makes, as long as the object lives.
class CpuAffinityVisit {
 public:
  static Result<CpuAffinityVisit> Enter(const std::string& list);
  CpuAffinityVisit(CpuAffinityVisit&& other) noexcept : before_(other.before_) {
    other.inside_ = false;
  }
  ~CpuAffinityVisit();

 private:
  explicit CpuAffinityVisit(const cpu_set_t& before) : before_(before) {}
  cpu_set_t before_;
  bool inside_ = true;
};

}  // namespace berth::runtime
