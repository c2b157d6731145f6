#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "agent/stats/container_usage.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::stats {
namespace {

/// A kernel file from its start, again and again. Empty if it is not there.
Result<std::string> ReadAgain(int fd) {
  std::string text;
  std::array<char, 8192> part;
  while (fd >= 0) {
    const ssize_t size = ::pread(fd, part.data(), part.size(), static_cast<off_t>(text.size()));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return ErrnoError("read the usage of a container");
    if (size == 0) break;
    text.append(part.data(), static_cast<size_t>(size));
  }
  return text;
}

/// What can't be read counts as nothing: the container is ending.
std::string ReadOrNothing(int fd) { return ReadAgain(fd).ValueOr(""); }

/// 0 for "max".
uint64_t Number(std::string_view text) { return ParseInteger<uint64_t>(Trim(text)).value_or(0); }

/// The lines "NAME NUMBER" of a file such as cpu.stat.
std::vector<std::pair<std::string, uint64_t>> Pairs(const std::string& text,
                                                    std::string_view separator = " ") {
  std::vector<std::pair<std::string, uint64_t>> pairs;
  for (const std::string& line : Split(text, '\n')) {
    const size_t gap = line.find(separator);
    if (gap == std::string::npos) continue;
    pairs.emplace_back(line.substr(0, gap), Number(line.substr(gap + separator.size())));
  }
  return pairs;
}

uint64_t Find(const std::vector<std::pair<std::string, uint64_t>>& pairs, std::string_view name) {
  for (const auto& [key, value] : pairs) {
    if (key == name) return value;
  }
  return 0;
}

/// The first line of /proc/stat: processor time in ticks, idle time included (proc_stat(5)). The
/// guests' columns are left out, since they are in the first two as well.
uint64_t HostCpu(const std::string& stat) {
  constexpr size_t kColumns = 8;
  static const uint64_t ns_per_tick =
      1'000'000'000ULL / static_cast<uint64_t>(std::max(1L, ::sysconf(_SC_CLK_TCK)));
  const std::vector<std::string> words = Split(stat.substr(0, stat.find('\n')), ' ');
  uint64_t ticks = 0;
  size_t columns = 0;
  for (size_t i = 1; i < words.size() && columns < kColumns; ++i) {
    if (words[i].empty()) continue;  // after "cpu" there are two blanks
    ticks += Number(words[i]);
    ++columns;
  }
  return ticks * ns_per_tick;
}

UniqueFd OpenIfThere(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<int> ProcessesIn(const std::string& text) {
  std::vector<int> processes;
  for (const std::string& line : Split(text, '\n')) {
    if (const auto pid = ParseInteger<int>(line); pid && *pid > 0) processes.push_back(*pid);
  }
  return processes;
}

}  // namespace

Result<UsageReader> UsageReader::Open(UsagePlaces places) {
  UsageReader reader;
  const auto in_cgroup = [&](const char* name) { return OpenIfThere(places.cgroup + "/" + name); };
  reader.processes_ = TRY(sys::Open(places.cgroup + "/cgroup.procs", O_RDONLY | O_CLOEXEC));
  reader.cpu_stat_ = in_cgroup("cpu.stat");
  reader.memory_current_ = in_cgroup("memory.current");
  reader.memory_max_ = in_cgroup("memory.max");
  reader.memory_stat_ = in_cgroup("memory.stat");
  reader.pids_current_ = in_cgroup("pids.current");
  reader.pids_max_ = in_cgroup("pids.max");
  reader.io_stat_ = in_cgroup("io.stat");
  reader.host_stat_ = OpenIfThere(places.proc + "/stat");
  if (!places.host_interface.empty()) {
    reader.links_ =
        std::make_unique<net::NetlinkSocket>(TRY(net::NetlinkSocket::Open(NETLINK_ROUTE)));
  }
  reader.places_ = std::move(places);
  return reader;
}

Result<ContainerUsage> UsageReader::Read() {
  ContainerUsage usage;
  usage.read = Now();
  TRY(ReadCpu(usage));
  usage.host_cpu_ns = HostCpu(ReadOrNothing(host_stat_.get()));
  const std::vector<int> processes = ProcessesIn(TRY(ReadAgain(processes_.get())));
  ReadMemory(usage, processes);
  ReadPids(usage, processes);
  ReadStorage(usage, processes);
  TRY(ReadNetwork(usage));
  return usage;
}

Result<void> UsageReader::ReadCpu(ContainerUsage& usage) const {
  constexpr uint64_t kNsPerUs = 1000;
  // There without the cpu controller as well.
  const auto stat = Pairs(TRY(ReadAgain(cpu_stat_.get())));
  usage.cpu_ns = Find(stat, "usage_usec") * kNsPerUs;
  usage.cpu_user_ns = Find(stat, "user_usec") * kNsPerUs;
  usage.cpu_system_ns = Find(stat, "system_usec") * kNsPerUs;
  usage.periods = Find(stat, "nr_periods");
  usage.throttled_periods = Find(stat, "nr_throttled");
  usage.throttled_ns = Find(stat, "throttled_usec") * kNsPerUs;
  return {};
}

void UsageReader::ReadMemory(ContainerUsage& usage, const std::vector<int>& processes) const {
  if (memory_current_) {
    usage.memory = Number(ReadOrNothing(memory_current_.get()));
    usage.memory_limit = Number(ReadOrNothing(memory_max_.get()));
    usage.memory_stat = Pairs(ReadOrNothing(memory_stat_.get()));
    usage.inactive_file = Find(usage.memory_stat, "inactive_file");
    return;
  }
  // A host without the memory controller: the resident pages of each process (proc_pid_statm(5)).
  // What several of them share is counted in each, so this is the most that it can be.
  static const auto page = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  for (const int pid : processes) {
    const auto statm = ReadFile(fmt::format("{}/{}/statm", places_.proc, pid));
    if (!statm) continue;  // it has ended
    const std::vector<std::string> words = Split(*statm, ' ');
    if (words.size() > 1) usage.memory += Number(words[1]) * page;
  }
}

void UsageReader::ReadPids(ContainerUsage& usage, const std::vector<int>& processes) const {
  // Without the controller threads are not counted, processes are.
  usage.pids = pids_current_ ? Number(ReadOrNothing(pids_current_.get())) : processes.size();
  usage.pids_limit = Number(ReadOrNothing(pids_max_.get()));
}

void UsageReader::ReadStorage(ContainerUsage& usage, const std::vector<int>& processes) {
  if (io_stat_) {
    // "8:0 rbytes=1 wbytes=2 rios=...": one line a device.
    for (const std::string& line : Split(ReadOrNothing(io_stat_.get()), '\n')) {
      for (const std::string& word : Split(line, ' ')) {
        if (word.starts_with("rbytes=")) usage.read_bytes += Number(word.substr(7));
        if (word.starts_with("wbytes=")) usage.write_bytes += Number(word.substr(7));
      }
    }
    return;
  }
  // A host without the io controller: what each process had read from and written to disks.
  for (const int pid : processes) {
    const auto io = ReadFile(fmt::format("{}/{}/io", places_.proc, pid));
    if (!io) continue;
    const auto figures = Pairs(*io, ": ");
    usage.read_bytes += Find(figures, "read_bytes");
    usage.write_bytes += Find(figures, "write_bytes");
  }
  usage.read_bytes = most_read_ = std::max(most_read_, usage.read_bytes);
  usage.write_bytes = most_written_ = std::max(most_written_, usage.write_bytes);
}

Result<void> UsageReader::ReadNetwork(ContainerUsage& usage) {
  if (!links_) return {};
  const auto counters = TRY(net::ReadLinkCounters(*links_, places_.host_interface));
  if (counters) usage.network = counters->TurnedRound();
  return {};
}

}  // namespace berth::agent::stats
