// What was measured, by name, in the order of the first of each.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace berth::bench {

/// In seconds; of the whole process.
struct Cost {
  double wall = 0;
  double cpu = 0;
};

/// Of one piece of work, from its construction on.
class Stopwatch {
 public:
  Cost Read() const;
  /// The cost of one of `count` equal pieces.
  Cost Each(size_t count) const;

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = ProcessorTime();
  static double ProcessorTime();
};

class Samples {
 public:
  void Add(const std::string& name, Cost cost);
  /// Runs `work` and returns what it returns.
  template <typename Work>
  auto Time(const std::string& name, Work work) {
    const Stopwatch watch;
    auto result = work();
    Add(name, watch.Read());
    return result;
  }
  /// {"NAME": {"wall": [...], "cpu": [...]}, ...}
  std::string Json() const;

 private:
  std::vector<std::pair<std::string, std::vector<Cost>>> all_;
};

}  // namespace berth::bench
