#include "cgroups/stats_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::cgroups {
namespace {

struct ControlFile {
  const char* name;
  StatsParts part;
  void (*take)(std::string_view text, Stats& stats);
};

std::optional<Pressure> PressureIn(std::string_view text) {
  const auto pressure = ParsePressure(text);
  return pressure ? std::optional(*pressure) : std::nullopt;
}

constexpr ControlFile kFiles[] = {
    {"cpu.stat", StatsParts::kCpu,
     [](std::string_view text, Stats& stats) { stats.cpu = ParseCpuStat(text); }},
    {"memory.current", StatsParts::kMemory,
     [](std::string_view text, Stats& stats) { stats.memory.current = ParseLimit(text); }},
    {"memory.stat", StatsParts::kMemoryStat,
     [](std::string_view text, Stats& stats) { stats.memory.stat = ParseMemoryStat(text); }},
    {"memory.peak", StatsParts::kMemoryMore,
     [](std::string_view text, Stats& stats) { stats.memory.peak = ParseLimit(text); }},
    {"memory.swap.current", StatsParts::kMemoryMore,
     [](std::string_view text, Stats& stats) { stats.memory.swap_current = ParseLimit(text); }},
    {"io.stat", StatsParts::kIo,
     [](std::string_view text, Stats& stats) {
       stats.io = ParseIoStat(text, std::move(stats.io));
     }},
    {"pids.current", StatsParts::kPids,
     [](std::string_view text, Stats& stats) { stats.pids.current = ParseLimit(text); }},
    {"memory.max", StatsParts::kLimits,
     [](std::string_view text, Stats& stats) { stats.memory.max = ParseLimit(text); }},
    {"memory.swap.max", StatsParts::kLimits,
     [](std::string_view text, Stats& stats) { stats.memory.swap_max = ParseLimit(text); }},
    {"pids.max", StatsParts::kLimits,
     [](std::string_view text, Stats& stats) { stats.pids.max = ParseLimit(text); }},
    {"memory.events", StatsParts::kEvents,
     [](std::string_view text, Stats& stats) { stats.memory.events = ParseMemoryEvents(text); }},
    {"pids.events", StatsParts::kEvents,
     [](std::string_view text, Stats& stats) { stats.pids.refused = FlatValue(text, "max"); }},
    {"cpuset.cpus.effective", StatsParts::kCpuset,
     [](std::string_view text, Stats& stats) { stats.cpuset.cpus = Trim(text); }},
    {"cpuset.mems.effective", StatsParts::kCpuset,
     [](std::string_view text, Stats& stats) { stats.cpuset.mems = Trim(text); }},
    {"rdma.current", StatsParts::kRdma,
     [](std::string_view text, Stats& stats) {
       stats.rdma = ParseRdmaCurrent(text, std::move(stats.rdma));
     }},
    {"misc.current", StatsParts::kMisc,
     [](std::string_view text, Stats& stats) {
       stats.misc = ParseMiscCurrent(text, std::move(stats.misc));
     }},
    {"cpu.pressure", StatsParts::kPressure,
     [](std::string_view text, Stats& stats) { stats.pressure.cpu = PressureIn(text); }},
    {"memory.pressure", StatsParts::kPressure,
     [](std::string_view text, Stats& stats) { stats.pressure.memory = PressureIn(text); }},
    {"io.pressure", StatsParts::kPressure,
     [](std::string_view text, Stats& stats) { stats.pressure.io = PressureIn(text); }},
};

// More than any of these files has, but for an io.stat of a hundred devices.
constexpr size_t kUsualSize = 16 << 10;

constexpr StatsParts Without(StatsParts parts, StatsParts others) {
  return static_cast<StatsParts>(static_cast<uint32_t>(parts) & ~static_cast<uint32_t>(others));
}

// The file is not there: no such controller, an older kernel, or (EOPNOTSUPP) pressure that no
// account is kept of.
bool IsAbsent(const Error& error) { return error.Is(ENOENT) || error.Is(EOPNOTSUPP); }

// "2MB" of hugetlb.2MB.current; "" of other files.
std::string_view PageSizeOf(std::string_view file) {
  constexpr std::string_view kBegin = "hugetlb.";
  constexpr std::string_view kEnd = ".current";
  if (!file.starts_with(kBegin) || !file.ends_with(kEnd)) return {};
  file.remove_prefix(kBegin.size());
  file.remove_suffix(kEnd.size());
  return file.ends_with(".rsvd") ? std::string_view() : file;
}

}  // namespace

Result<StatsReader> StatsReader::Open(const std::string& path, StatsParts kept) {
  StatsReader reader(TRY(sys::Open(path, O_RDONLY | O_DIRECTORY)), path);
  TRY(reader.Keep(kept));
  return reader;
}

Result<StatsReader> StatsReader::OpenAt(int dir, const std::string& path, StatsParts kept) {
  StatsReader reader(TRY(sys::OpenAt(dir, ".", O_RDONLY | O_DIRECTORY).Context("{}", path)), path);
  TRY(reader.Keep(kept));
  return reader;
}

Result<void> StatsReader::Keep(StatsParts parts) {
  kept_parts_ = Without(parts, StatsParts::kHugetlb);
  for (size_t i = 0; i < std::size(kFiles); ++i) {
    if (!Overlap(kFiles[i].part, kept_parts_)) continue;
    auto fd = OpenFile(kFiles[i].name);
    if (fd) {
      kept_.push_back({.file = i, .fd = *std::move(fd)});
    } else if (!IsAbsent(fd.error())) {
      return std::move(fd).error();
    }
  }
  return {};
}

// Fails with ENODEV if it is the cgroup that is not there any more.
Result<UniqueFd> StatsReader::OpenFile(const std::string& name) const {
  UniqueFd fd(::openat(dir_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return fd;
  if (errno == EMFILE) {
    return ErrnoError(
        "open {}/{}: statistics keep files of every cgroup open; raise LimitNOFILE= of the service "
        "(ulimit -n)",
        path_, name);
  }
  Error error = ErrnoError("open {}/{}", path_, name);
  // A removed cgroup's directory stays open, and has nothing in it.
  if (error.Is(ENOENT) && ::faccessat(dir_.get(), "cgroup.procs", F_OK, 0) < 0) return Removed();
  return error;
}

Error StatsReader::Removed() const {
  return Error(fmt::format("cgroup {} has been removed", path_), ENODEV);
}

// In one pread(2) from the start: the kernel makes such a file anew then, and whole.
Result<std::string_view> StatsReader::ReadInto(std::span<char> buffer, int fd, const char* name) {
  for (;;) {
    const ssize_t size = ::pread(fd, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENODEV) return Removed();
    if (size < 0) return ErrnoError("read {}/{}", path_, name);
    if (static_cast<size_t>(size) < buffer.size()) {
      return std::string_view(buffer.data(), static_cast<size_t>(size));
    }
    long_text_.resize(2 * buffer.size());
    buffer = long_text_;
  }
}

Result<void> StatsReader::Read(StatsParts wanted) {
  std::array<char, kUsualSize> buffer;
  for (const Kept& kept : kept_) {
    const ControlFile& file = kFiles[kept.file];
    if (!Overlap(file.part, wanted)) continue;
    file.take(TRY(ReadInto(buffer, kept.fd.get(), file.name)), stats_);
  }
  const StatsParts others = Without(wanted, kept_parts_);
  if (others != StatsParts::kNone) TRY(ReadOnDemand(others, buffer));
  return {};
}

Result<void> StatsReader::ReadOnDemand(StatsParts parts, std::span<char> buffer) {
  for (const ControlFile& file : kFiles) {
    if (!Overlap(file.part, parts)) continue;
    const auto fd = OpenFile(file.name);
    if (fd) {
      file.take(TRY(ReadInto(buffer, fd->get(), file.name)), stats_);
    } else if (!IsAbsent(fd.error())) {
      return fd.error();
    }
  }
  if (Overlap(parts, StatsParts::kHugetlb)) TRY(ReadHugetlb(buffer));
  return {};
}

Result<void> StatsReader::ReadHugetlb(std::span<char> buffer) {
  const auto files = TRY(ListDirectory(fmt::format("/proc/self/fd/{}", dir_.get())));
  stats_.hugetlb.clear();
  for (const std::string& file : files) {
    const std::string_view page_size = PageSizeOf(file);
    if (page_size.empty()) continue;
    HugetlbStats stats = {.page_size = std::string(page_size)};
    const auto read = [&](const char* end) -> Result<std::string_view> {
      const std::string name = fmt::format("hugetlb.{}.{}", page_size, end);
      const auto fd = OpenFile(name);
      if (fd) return ReadInto(buffer, fd->get(), name.c_str());
      if (!IsAbsent(fd.error())) return fd.error();
      return std::string_view();
    };
    stats.current = ParseLimit(TRY(read("current")));
    stats.max = ParseLimit(TRY(read("max")));
    stats.rsvd_current = ParseLimit(TRY(read("rsvd.current")));
    stats.refused = FlatValue(TRY(read("events")), "max");
    stats_.hugetlb.push_back(std::move(stats));
  }
  return {};
}

StatsParts StatsReader::Present() const {
  StatsParts parts = StatsParts::kNone;
  for (const Kept& kept : kept_) parts = parts | kFiles[kept.file].part;
  return parts;
}

}  // namespace berth::cgroups
