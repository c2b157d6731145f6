// Load: clients that call the same operation again and again, side by side, and how long it takes.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "bench/signed_api.h"

namespace berth::bench {

using Clock = std::chrono::steady_clock;

/// Durations in milliseconds.
class Latencies {
 public:
  void Add(Clock::time_point begin, Clock::time_point end) {
    all_.push_back(std::chrono::duration<double, std::milli>(end - begin).count());
  }
  /// The nearest rank; 0 if there are none.
  double Quantile(double share) const;
  size_t size() const { return all_.size(); }

 private:
  std::vector<double> all_;
};

struct LoadedCall {
  std::string operation;
  size_t clients = 1;
  size_t calls = 1;  // of all clients together
  /// The body of call number `at`.
  std::function<std::string(size_t at)> body;
  /// Its answer, or why there is none.
  std::function<void(size_t at, Clock::time_point begin, Result<std::string>)> answered;
};

class Load {
 public:
  Load(http::IoLoop& loop, const Account& account, LoadedCall call)
      : loop_(loop), account_(account), call_(std::move(call)) {}

  /// Each client calls when its last call has been answered.
  void Start();
  /// All have been answered.
  bool Done() const { return answered_ == call_.calls; }
  const Latencies& latencies() const { return latencies_; }

 private:
  void CallNext(SignedApi& api);

  http::IoLoop& loop_;
  const Account& account_;
  LoadedCall call_;
  std::list<SignedApi> clients_;
  size_t begun_ = 0;
  size_t answered_ = 0;
  Latencies latencies_;
};

}  // namespace berth::bench
