#include "agent/stats/process_usage.h"

#include <unistd.h>

#include "base/files.h"
#include "base/text.h"
#include "cgroups/scan.h"

namespace berth::agent::stats {

std::vector<int> ProcessesIn(std::string_view text) {
  std::vector<int> processes;
  while (!text.empty()) {
    const auto pid = ParseInteger<int>(cgroups::CutOff(text, '\n'));
    if (pid && *pid > 0) processes.push_back(*pid);
  }
  return processes;
}

uint64_t ResidentMemory(const std::string& proc, const std::vector<int>& processes) {
  static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  uint64_t pages = 0;
  for (const int pid : processes) {
    const auto statm = ReadFile(fmt::format("{}/{}/statm", proc, pid));
    if (!statm) continue;  // it has ended
    std::string_view words = *statm;
    cgroups::CutOff(words, ' ');  // the size of its address space
    pages += ParseInteger<uint64_t>(cgroups::CutOff(words, ' ')).value_or(0);
  }
  return pages * page;
}

StorageUsage ReadStorageUsage(const std::string& proc, const std::vector<int>& processes) {
  static constexpr cgroups::Figure<StorageUsage> kFigures[] = {
      {"read_bytes", &StorageUsage::read}, {"write_bytes", &StorageUsage::written}};
  // "read_bytes: 5"; the blank after the colon is the number's.
  constexpr cgroups::Separators kIo = {.figures = '\n', .value = ':'};
  StorageUsage sum;
  for (const int pid : processes) {
    const auto io = ReadFile(fmt::format("{}/{}/io", proc, pid));
    if (!io) continue;
    const StorageUsage one = cgroups::ParseFigures(*io, kIo, kFigures);
    sum.read += one.read;
    sum.written += one.written;
  }
  return sum;
}

}  // namespace berth::agent::stats
