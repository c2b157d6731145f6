#include "agent/stats/host_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cgroups/scan.h"

namespace berth::agent::stats {
namespace {

/// The first line of /proc/stat: processor time in ticks, idle time included (proc_stat(5)). The
/// guests' columns are left out, since they are in the first two as well.
uint64_t HostCpu(std::string_view stat) {
  constexpr size_t kColumns = 8;
  static const uint64_t ns_per_tick =
      1'000'000'000ULL / static_cast<uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  std::string_view words = stat.substr(0, stat.find('\n'));
  cgroups::CutOff(words, ' ');
  uint64_t ticks = 0;
  size_t columns = 0;
  while (!words.empty() && columns < kColumns) {
    const std::string_view word = cgroups::CutOff(words, ' ');
    if (word.empty()) continue;  // after "cpu" there are two blanks
    ticks += ParseInteger<uint64_t>(word).value_or(0);
    ++columns;
  }
  return ticks * ns_per_tick;
}

}  // namespace

HostReader::HostReader(const std::string& proc)
    : stat_(::open((proc + "/stat").c_str(), O_RDONLY | O_CLOEXEC)) {}

void HostReader::Refresh() {
  std::array<char, 512> first_line;
  const ssize_t size = ::pread(stat_.get(), first_line.data(), first_line.size(), 0);
  if (size > 0) cpu_ns_ = HostCpu({first_line.data(), static_cast<size_t>(size)});
}

Result<void> HostReader::OpenLinks() {
  if (!links_) links_.emplace(TRY(net::NetlinkSocket::Open(NETLINK_ROUTE)));
  return {};
}

Result<std::optional<net::LinkCounters>> HostReader::ReadLink(const std::string& interface) {
  TRY(OpenLinks());
  return net::ReadLinkCounters(*links_, interface);
}

}  // namespace berth::agent::stats
