// stats-bench: the processor time that reading the stats of many cgroups takes.
//
//   stats-bench [CGROUPS] [BUSY] [PASSES]
//
// Makes CGROUPS (1000) cgroups below one of its own, with all controllers that the host has, and
// BUSY (50) processes spread over them, which wake up ten times a second and touch memory: the
// kernel has counters to gather then, as it does on a real host. Reads the stats of all cgroups
// PASSES (20) times, each set of parts for itself, with a pause between any two. One line of JSON:
// milliseconds of processor time, user and system, of one pass over all cgroups, by what is read:
// a "sample" is what the agent wants every second.
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

// Of each reader; on demand what it does not keep.
constexpr StatsParts kKept = StatsParts::kUsage | StatsParts::kLimits | StatsParts::kPressure;

struct Measured {
  const char* name;
  StatsParts parts;
  StatsParts kept = kKept;
};
constexpr Measured kMeasured[] = {
    {"sample", StatsParts::kUsage},
    {"sample, reopened", StatsParts::kUsage, StatsParts::kNone},
    {"everything", StatsParts::kAll},
    {"cpu.stat", StatsParts::kCpu},
    {"memory.current", StatsParts::kMemory},
    {"memory.stat", StatsParts::kMemoryStat},
    {"io.stat", StatsParts::kIo},
    {"pids.current", StatsParts::kPids},
    {"*.pressure", StatsParts::kPressure},
    {"*.max", StatsParts::kLimits},
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

using Readers = std::deque<cgroups::StatsReader>;

Result<Readers> OpenAll(const std::vector<std::string>& paths, StatsParts kept) {
  Readers readers;
  for (const std::string& path : paths) {
    readers.push_back(TRY(cgroups::StatsReader::Open(path, kept)));
  }
  return readers;
}

Result<double> Pass(Readers& readers, StatsParts parts) {
  const double before = ProcessorMs();
  for (auto& reader : readers) TRY(reader.Read(parts));
  return ProcessorMs() - before;
}

std::string Figures(const char* name, std::vector<double>& costs) {
  std::sort(costs.begin(), costs.end());
  return fmt::format(", \"{}\": {{\"least\": {:.2f}, \"median\": {:.2f}}}", name, costs.front(),
                     costs[costs.size() / 2]);
}

// Turn about, so that what else happens on the machine happens to all of them.
Result<std::string> MeasureAll(const std::vector<std::string>& paths, size_t passes) {
  Readers keeping = TRY(OpenAll(paths, kKept));
  Readers reopening = TRY(OpenAll(paths, StatsParts::kNone));
  std::vector<double> costs[std::size(kMeasured)];
  for (size_t pass = 0; pass <= passes; ++pass) {
    for (size_t i = 0; i < std::size(kMeasured); ++i) {
      const Measured& what = kMeasured[i];
      ::usleep(kPause);
      const double cost =
          TRY(Pass(what.kept == StatsParts::kNone ? reopening : keeping, what.parts));
      if (pass > 0) costs[i].push_back(cost);  // the first one allocates
    }
  }
  std::string figures;
  for (size_t i = 0; i < std::size(kMeasured); ++i) {
    // No such controller on this host.
    if (!Overlap(kMeasured[i].parts, keeping.front().Present())) continue;
    figures += Figures(kMeasured[i].name, costs[i]);
  }
  return figures;
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
  const std::string figures = TRY(MeasureAll(paths, load.passes));
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
