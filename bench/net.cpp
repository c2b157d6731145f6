// net-bench: task networks, from inside the library.
//
//   net-bench turns DIRECTORY            one attachment made or undone for each line of input
//   net-bench churn DIRECTORY COUNT      so many made and undone, one after the other
//   net-bench table DIRECTORY ROUNDS     the firewall's entries, beside few and many others
//   net-bench packets DIRECTORY ROUNDS   packets and connections, beside few and many others
//
// `turns` acts on the network namespace that it is started in, all others on such of their own.
// One line of JSON: wall and processor time in seconds, by what took it.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <optional>

#include "base/files.h"
#include "base/text.h"
#include "bench/net_bench.h"
#include "bench/net_host.h"
#include "net/netns_pool.h"

namespace berth::bench {
namespace {

constexpr size_t kNeighbour = 0;
constexpr size_t kPooled = 4;
/// The others are of numbers of their own: a veth pair, and its name, is gone some time after its
/// namespace.
constexpr size_t kFirstSubject = 1;

/// One that stays, as on a host that has other tasks.
Result<net::Netns> AttachNeighbour(const std::string& lock) {
  net::Netns task = TRY(net::Netns::Create());
  TRY(net::Attach(PlanTask(kNeighbour), task, lock));
  return task;
}

Result<net::Netns> TimeAttach(Samples& samples, const net::Attachment& plan,
                              const std::string& lock) {
  const Stopwatch cold;
  net::Netns task = TRY(net::Netns::Create());
  TRY(samples.Time("attach", [&] { return net::Attach(plan, task, lock); }));
  samples.Add("attach, namespace included", cold.Read());
  return task;
}

/// The same with what was made ahead of need. What that costs is measured by one more, for nobody.
Result<net::Netns> TimePooledAttach(Samples& samples, net::NetnsPool& pool,
                                    const net::Attachment& plan, const std::string& lock) {
  TRY(samples.Time("made ahead", [] { return net::PooledNetns::Make(); }));
  while (pool.Ready() == 0) ::usleep(1000);
  std::optional<net::PooledNetns> pooled;
  TRY(samples.Time("attach, pooled", [&] {
    pooled = pool.Take();
    return net::Attach(plan, *pooled, lock);
  }));
  return std::move(pooled->netns);
}

Result<void> TimeDetach(Samples& samples, const net::Attachment& plan, net::Netns task,
                        const std::string& lock) {
  return samples.Time("detach", [&] {
    auto detached = net::Detach(plan.id, net::LinkEnd::kDiesWithNamespace, lock);
    task = {};
    return detached;
  });
}

/// Each line of input is a turn, answered by a line: made, undone, made from the pool, undone, ...
Result<void> MeasureTurns(const std::string& directory, Samples& samples) {
  const std::string lock = directory + "/net.lock";
  net::Attachment plan = PlanTask(kFirstSubject);
  const net::Netns neighbour = TRY(AttachNeighbour(lock));
  const auto pool = TRY(net::NetnsPool::Start(kPooled));
  std::optional<net::Netns> task;
  size_t number = kFirstSubject;
  for (std::string line; std::getline(std::cin, line);) {
    if (task) {
      TRY(TimeDetach(samples, plan, *std::move(task), lock));
      task.reset();
      plan = PlanTask(++number);
    } else {
      const bool pooled = number % 2 == 0;
      task = pooled ? TRY(TimePooledAttach(samples, *pool, plan, lock))
                    : TRY(TimeAttach(samples, plan, lock));
    }
    std::cout << "done" << std::endl;
  }
  return net::Detach(PlanTask(kNeighbour).id, net::LinkEnd::kDeleteNow, lock);
}

/// What the process has: KiB of memory of its own, and open descriptors.
struct Holdings {
  int64_t kib = 0;
  size_t descriptors = 0;
};

Result<Holdings> Count() {
  const std::string rollup = TRY(ReadFile("/proc/self/smaps_rollup"));
  constexpr std::string_view kAnonymous = "Anonymous:";
  const size_t at = rollup.find(kAnonymous) + kAnonymous.size();
  const size_t end = rollup.find("kB", at);
  const auto kib = ParseInteger<int64_t>(Trim(std::string_view(rollup).substr(at, end - at)));
  const auto descriptors = TRY(ListDirectory("/proc/self/fd"));
  return Holdings{.kib = kib.value_or(0), .descriptors = descriptors.size()};
}

std::string Json(const Holdings& held) {
  return fmt::format("{{\"kib\": {}, \"descriptors\": {}}}", held.kib, held.descriptors);
}

Result<std::string> MeasureChurn(const std::string& directory, size_t count) {
  const NetHost host = TRY(NetHost::Make(directory + "/churn"));
  TRY(host.Enter());
  const net::Netns neighbour = TRY(AttachNeighbour(host.lock()));
  // Samples take memory: in between, none are kept.
  const size_t few = count / 10;
  Samples first, unused, last;
  Holdings early, late;
  for (size_t i = 0; i < count; ++i) {
    if (i == few) early = TRY(Count());
    if (i == count - few) late = TRY(Count());
    unused = {};
    Samples& samples = i < few ? first : i < count - few ? unused : last;
    const net::Attachment plan = PlanTask(kFirstSubject + i);
    net::Netns task = TRY(TimeAttach(samples, plan, host.lock()));
    TRY(TimeDetach(samples, plan, std::move(task), host.lock()));
  }
  return fmt::format("{{\"first\": {}, \"last\": {}, \"held early\": {}, \"held late\": {}}}",
                     first.Json(), last.Json(), Json(early), Json(late));
}

Result<std::string> Run(const std::string& what, const std::string& directory, size_t count) {
  if (what == "churn") return MeasureChurn(directory, count);
  Samples samples;
  if (what == "turns") TRY(MeasureTurns(directory, samples));
  if (what == "table") TRY(MeasureTable(directory, count, samples));
  if (what == "packets") TRY(MeasurePackets(directory, count, samples));
  return samples.Json();
}

}  // namespace
}  // namespace berth::bench

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const auto count = argc > 3 ? berth::ParseInteger<size_t>(argv[3]) : size_t{0};
  const bool counts = what == "churn" || what == "table" || what == "packets";
  const bool known = counts ? argc == 4 && count.value_or(0) > 0 : what == "turns" && argc == 3;
  if (!known) {
    std::fputs(
        "usage: net-bench turns DIRECTORY\n"
        "       net-bench churn|table|packets DIRECTORY COUNT\n",
        stderr);
    return 2;
  }
  const auto measured = berth::bench::Run(what, argv[2], *count);
  if (!measured) {
    std::fprintf(stderr, "net-bench: %s: %s\n", what.c_str(), measured.error().message().c_str());
    return 1;
  }
  std::printf("%s\n", measured->c_str());
  return 0;
}
