// stats-bench: the processor time that reading the stats of many cgroups takes.
//
//   stats-bench [CGROUPS] [BUSY] [PASSES]
//
// Makes CGROUPS (1000) cgroups below one of its own, with all controllers that the host has, and
// BUSY (50) processes spread over them, which wake up ten times a second and touch memory: the
// kernel has counters to gather then, as it does on a real host. Reads the stats of all cgroups
// PASSES (20) times, ten times a second, each set of parts for itself. One line of JSON: median
// milliseconds of processor time of one pass over all cgroups, user and system, by what was read.
// "reopened" is a sample of every second without kept descriptors.
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <deque>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/stats_reader.h"

namespace cgroups = berth::cgroups;
using berth::Result;
using cgroups::StatsParts;

namespace {

struct Load {
  size_t cgroups = 1000;
  size_t busy = 50;
  size_t passes = 20;
};

constexpr useconds_t kPause = 100'000;  // us

// A limit of each controller has it enabled; none of these is ever met.
const cgroups::Limits kLimits = {
    .cpu = {.weight = 100},
    .memory = {.max = uint64_t{1} << 40},
    .io = {.weight = 100},
    .pids = {.max = 10'000},
};

struct Measured {
  const char* name;
  StatsParts parts;
  StatsParts kept;
};
constexpr Measured kMeasured[] = {
    {"sample", StatsParts::kUsage, StatsParts::kUsage},
    {"reopened", StatsParts::kUsage, StatsParts::kNone},
    {"all", StatsParts::kAll, StatsParts::kAll},
    {"cpu.stat", StatsParts::kCpu, StatsParts::kCpu},
    {"memory.current", StatsParts::kMemory, StatsParts::kMemory},
    {"memory.stat", StatsParts::kMemoryStat, StatsParts::kMemoryStat},
    {"io.stat", StatsParts::kIo, StatsParts::kIo},
    {"pids.current", StatsParts::kPids, StatsParts::kPids},
    {"pressure", StatsParts::kPressure, StatsParts::kPressure},
    {"limits", StatsParts::kLimits, StatsParts::kLimits},
};

double ProcessorMs() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

[[noreturn]] void BeBusy() {
  constexpr size_t kBytes = 256 << 10;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    void* const memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory != MAP_FAILED) ::munmap(memory, kBytes);
    ::usleep(kPause);
  }
}

Result<void> StartBusy(const cgroups::Cgroup& cgroup) {
  const pid_t child = ::fork();
  if (child < 0) return berth::ErrnoError("fork");
  if (child == 0) BeBusy();
  return berth::WriteControlFile(cgroup.fd(), "cgroup.procs", std::to_string(child));
}

Result<std::vector<std::string>> MakeCgroups(const cgroups::Hierarchy& hierarchy,
                                             const std::string& top, const Load& load) {
  std::vector<std::string> paths;
  for (size_t i = 0; i < load.cgroups; ++i) {
    const auto cgroup =
        TRY(cgroups::Cgroup::Create(hierarchy, fmt::format("{}/{}", top, i), kLimits));
    paths.push_back(cgroup.path());
    const bool is_busy = load.busy > 0 && i % std::max<size_t>(1, load.cgroups / load.busy) == 0;
    if (is_busy) TRY(StartBusy(cgroup));
  }
  return paths;
}

// The median of the passes, in ms.
Result<double> Measure(const std::vector<std::string>& paths, const Measured& what, size_t passes) {
  std::deque<cgroups::StatsReader> readers;
  for (const std::string& path : paths) {
    readers.push_back(TRY(cgroups::StatsReader::Open(path, what.kept)));
  }
  std::vector<double> costs;
  for (size_t pass = 0; pass <= passes; ++pass) {
    ::usleep(kPause);
    const double before = ProcessorMs();
    for (auto& reader : readers) TRY(reader.Read(what.parts));
    if (pass > 0) costs.push_back(ProcessorMs() - before);  // the first one allocates
  }
  std::nth_element(costs.begin(), costs.begin() + static_cast<long>(costs.size() / 2), costs.end());
  return costs[costs.size() / 2];
}

Result<void> Run(const Load& load) {
  TRY(berth::sys::AllowManyDescriptors());
  const auto hierarchy = TRY(cgroups::DetectHierarchy());
  const std::string top = "berth-bench-" + berth::RandomHex(4);
  const berth::Cleanup remove([&] {
    const auto removed = cgroups::RemoveTree(hierarchy, top);
    if (!removed) std::fprintf(stderr, "%s\n", removed.error().message().c_str());
  });
  const auto paths = TRY(MakeCgroups(hierarchy, top, load));
  std::string figures;
  for (const Measured& what : kMeasured) {
    auto reader = TRY(cgroups::StatsReader::Open(paths[0], what.parts));
    if (reader.Present() == StatsParts::kNone) continue;  // no such controller here
    figures +=
        fmt::format(", \"{}_ms\": {:.2f}", what.name, TRY(Measure(paths, what, load.passes)));
  }
  fmt::print("{{\"cgroups\": {}, \"busy\": {}{}}}\n", load.cgroups, load.busy, figures);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Load load;
  size_t* const arguments[] = {&load.cgroups, &load.busy, &load.passes};
  for (int i = 1; i < argc; ++i) {
    const auto number = berth::ParseInteger<size_t>(argv[i]);
    if (i > 3 || !number || *number + (i == 2 ? 1 : 0) == 0) {
      std::fputs("usage: stats-bench [CGROUPS] [BUSY] [PASSES]\n", stderr);
      return 2;
    }
    *arguments[i - 1] = *number;
  }
  const auto run = Run(load);
  if (!run) std::fprintf(stderr, "stats-bench: %s\n", run.error().message().c_str());
  return run ? 0 : 1;
}
