// cgroups-bench: what the cgroup of a container costs, from inside the library.
//
//   cgroups-bench [ROUNDS]
//
// Makes a cgroup with limits of every controller, filters its devices, has a process born in it,
// reads its stats and removes it, ROUNDS (50) times, with pauses: the kernel answers a first write
// to cgroup.procs after a while without any later than those that follow. Beside being born there,
// a process is also moved there, as runtimes do that have no clone3(2). One line of JSON: wall time
// in milliseconds by step.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/cleanup.h"
#include "base/clone.h"
#include "base/files.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/devices/filter.h"
#include "cgroups/stats_reader.h"

namespace cgroups = berth::cgroups;
using berth::Result;

namespace {

constexpr useconds_t kPause = 60'000;  // us

const cgroups::Limits kLimits = {
    .cpu = {.weight = 50, .max = cgroups::CpuMax{.quota = 50'000}},
    .memory = {.max = 64 << 20, .low = 32 << 20, .swap_max = 64 << 20},
    .pids = {.max = 100},
    .cpuset = {.cpus = "0"},
};

// Samples by step, in the order of the steps.
using Samples = std::vector<std::pair<const char*, std::vector<double>>>;

class Round {
 public:
  explicit Round(Samples& samples) : samples_(&samples) {}

  // Runs one step on the clock.
  template <typename Work>
  auto Time(const char* step, Work work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    Of(step).push_back(taken.count());
    return result;
  }

 private:
  std::vector<double>& Of(const char* step) {
    for (auto& [name, found] : *samples_) {
      if (name == step) return found;
    }
    return samples_->emplace_back(step, std::vector<double>()).second;
  }

  Samples* samples_;
};

// A child that ends at once.
Result<void> BeBorn(int cgroup_fd) {
  const pid_t child = TRY(berth::sys::Clone({.cgroup_fd = cgroup_fd}));
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return {};
}

// A child that waits until it has been moved.
Result<void> BeMoved(int cgroup_fd) {
  int gate[2];
  if (::pipe(gate) < 0) return berth::ErrnoError("pipe");
  const pid_t child = TRY(berth::sys::Clone({}));
  if (child == 0) {
    ::close(gate[1]);
    char byte = 0;
    ::_exit(::read(gate[0], &byte, 1) < 0 ? 1 : 0);
  }
  auto moved = berth::WriteControlFile(cgroup_fd, "cgroup.procs", std::to_string(child));
  ::close(gate[0]);
  ::close(gate[1]);
  ::waitpid(child, nullptr, 0);
  return moved;
}

Result<void> ReadStats(const cgroups::Cgroup& cgroup) {
  auto reader = TRY(cgroups::StatsReader::OpenAt(cgroup.fd(), cgroup.path()));
  TRY(reader.Read(cgroups::StatsParts::kAll));
  return {};
}

Result<void> Measure(const cgroups::Hierarchy& hierarchy, const std::string& name, Round round) {
  const auto cgroup = TRY(round.Time(
      "create + limit", [&] { return cgroups::Cgroup::Create(hierarchy, name, kLimits); }));
  if (!cgroup.Unenforced().empty()) {
    return berth::MakeError("this host can't enforce {}", berth::Join(cgroup.Unenforced(), ", "));
  }
  const auto rules = cgroups::DefaultDeviceRules();
  TRY(round.Time("filter devices", [&] { return cgroups::SetDeviceFilter(cgroup.fd(), rules); }));
  TRY(round.Time("enter: born there", [&] { return BeBorn(cgroup.fd()); }));
  ::usleep(kPause);
  TRY(round.Time("enter: moved there", [&] { return BeMoved(cgroup.fd()); }));
  TRY(round.Time("stats", [&] { return ReadStats(cgroup); }));
  TRY(round.Time("remove", [&] { return cgroup.Remove(); }));
  return {};
}

std::string Figures(std::vector<double>& samples) {
  std::sort(samples.begin(), samples.end());
  return fmt::format("{{\"median\": {:.4f}, \"min\": {:.4f}, \"p90\": {:.4f}, \"samples\": {}}}",
                     samples[samples.size() / 2], samples.front(),
                     samples[(samples.size() * 9 - 1) / 10], samples.size());
}

Result<void> Run(size_t rounds) {
  const auto hierarchy = TRY(cgroups::DetectHierarchy());
  const std::string top = hierarchy.NameOf("berth-bench-" + berth::RandomHex(4));
  const berth::Cleanup remove([&] {
    const auto removed = cgroups::RemoveTree(hierarchy, top);
    if (!removed) std::fprintf(stderr, "%s\n", removed.error().message().c_str());
  });
  Samples samples;
  Samples unused;  // of the first, which enables controllers all the way down
  for (size_t i = 0; i <= rounds; ++i) {
    ::usleep(kPause);
    TRY(Measure(hierarchy, top + "/box", Round(i == 0 ? unused : samples)));
  }
  std::string text;
  for (auto& [step, taken] : samples) {
    text += fmt::format("{}\"{}\": {}", text.empty() ? "" : ", ", step, Figures(taken));
  }
  fmt::print("{{{}}}\n", text);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto rounds = argc > 1 ? berth::ParseInteger<size_t>(argv[1]) : size_t{50};
  if (argc > 2 || !rounds || *rounds == 0) {
    std::fputs("usage: cgroups-bench [ROUNDS]\n", stderr);
    return 2;
  }
  const auto run = Run(*rounds);
  if (!run) std::fprintf(stderr, "cgroups-bench: %s\n", run.error().message().c_str());
  return run ? 0 : 1;
}
