#include "runtime/process/cpu_affinity.h"

#include "base/text.h"

namespace berth::runtime {
namespace {

Result<cpu_set_t> ParseCpus(const std::string& list) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const std::string& part : Split(list, ',')) {
    const auto ends = Split(Trim(part), '-');
    const auto first = ParseInteger<uint32_t>(ends[0]);
    const auto last = ParseInteger<uint32_t>(ends.back());
    if (!first || !last || ends.size() > 2 || *first > *last || *last >= CPU_SETSIZE) {
      return MakeError("\"{}\" is not a list of processors such as 0-3,7", list);
    }
    for (uint32_t cpu = *first; cpu <= *last; ++cpu) CPU_SET(cpu, &set);
  }
  return set;
}

}  // namespace

Result<void> CheckCpuList(const std::string& list) {
  TRY(ParseCpus(list));
  return {};
}

Result<void> SetCpuAffinity(const std::string& list) {
  const cpu_set_t set = TRY(ParseCpus(list));
  if (::sched_setaffinity(0, sizeof set, &set) < 0) return ErrnoError("run on {}", list);
  return {};
}

Result<CpuAffinityVisit> CpuAffinityVisit::Enter(const std::string& list) {
  cpu_set_t before;
  if (::sched_getaffinity(0, sizeof before, &before) < 0) return ErrnoError("sched_getaffinity");
  TRY(SetCpuAffinity(list));
  return CpuAffinityVisit(before);
}

CpuAffinityVisit::~CpuAffinityVisit() {
  if (inside_) ::sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace berth::runtime
