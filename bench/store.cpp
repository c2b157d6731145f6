// Commits to the scheduler's store: how many a second, and how long each takes, with so many in
// flight. See bench/README.md.
//
//   store-bench DIRECTORY [seconds a case]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <future>
#include <semaphore>

#include "scheduler/store/store.h"

namespace berth::scheduler {
namespace {

using Clock = std::chrono::steady_clock;

struct Case {
  int in_flight = 1;
  int puts = 1;  // of a transaction
  size_t value = 256;
  int keys = 10'000;  // written again and again
};

struct Figures {
  size_t transactions = 0;
  double seconds = 0;
  std::vector<double> latencies;  // ms, sorted

  double Quantile(double share) const {
    return latencies[static_cast<size_t>(share * static_cast<double>(latencies.size() - 1))];
  }
};

Transaction MakeTransaction(const Case& load, uint64_t number) {
  const std::string value(load.value, 'v');
  Transaction transaction;
  for (int i = 0; i < load.puts; ++i) {
    // A permutation, so that neighbours in time are none in the file.
    const uint64_t key = (number * load.puts + i) * 7'919 % load.keys;
    transaction.then.push_back(Operation::Put(fmt::format("/tasks/default/{:08}", key), value));
  }
  return transaction;
}

Figures Measure(Store& store, const Case& load, std::chrono::seconds time) {
  Figures figures;
  std::counting_semaphore<> room(load.in_flight);
  const auto start = Clock::now();
  for (uint64_t number = 0; Clock::now() - start < time; ++number) {
    Transaction transaction = MakeTransaction(load, number);
    room.acquire();
    store.Commit(std::move(transaction), [&, begin = Clock::now()](const auto& result) {
      if (!result) std::fprintf(stderr, "%s\n", result.error().message().c_str());
      figures.latencies.push_back(
          std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      room.release();
    });
  }
  for (int i = 0; i < load.in_flight; ++i) room.acquire();
  figures.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  figures.transactions = figures.latencies.size();
  std::sort(figures.latencies.begin(), figures.latencies.end());
  return figures;
}

int Run(const std::string& directory, std::chrono::seconds time) {
  const Case cases[] = {{.in_flight = 1},
                        {.in_flight = 32},
                        {.in_flight = 512},
                        {.in_flight = 4'096},
                        {.in_flight = 32, .puts = 3, .value = 1'500},
                        {.in_flight = 512, .puts = 3, .value = 1'500},
                        {.in_flight = 8, .puts = 100}};
  std::printf("%9s %5s %6s %10s %10s %8s %8s %8s\n", "in flight", "puts", "bytes", "commits/s",
              "rows/s", "p50 ms", "p99 ms", "max ms");
  for (const Case& load : cases) {
    const std::string path = directory + "/bench-store.db";
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) std::remove((path + suffix).c_str());
    auto store = OpenSqliteStore(path);
    if (!store) {
      std::fprintf(stderr, "%s\n", store.error().message().c_str());
      return 1;
    }
    const Figures figures = Measure(**store, load, time);
    const double commits = static_cast<double>(figures.transactions) / figures.seconds;
    std::printf("%9d %5d %6zu %10.0f %10.0f %8.2f %8.2f %8.2f\n", load.in_flight, load.puts,
                load.value, commits, commits * load.puts, figures.Quantile(0.5),
                figures.Quantile(0.99), figures.Quantile(1));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace berth::scheduler

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY [SECONDS]\n", argv[0]);
    return 2;
  }
  return berth::scheduler::Run(argv[1], std::chrono::seconds(argc > 2 ? std::atoi(argv[2]) : 5));
}
