// Backoff: how long to wait before the next try.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <random>

namespace berth::agent::link {

/// Exponential, from `first` to `most`; each wait is longer or shorter by up to `jitter` of itself.
class Backoff {
 public:
  struct Shape {
    std::chrono::milliseconds first;
    std::chrono::milliseconds most;
    double factor = 2;
    double jitter = 0.2;
  };

  explicit Backoff(Shape shape) : shape_(shape), engine_(std::random_device()()) {}

  std::chrono::milliseconds Next() {
    const double base =
        std::min(static_cast<double>(shape_.first.count()) * std::pow(shape_.factor, tries_++),
                 static_cast<double>(shape_.most.count()));
    std::uniform_real_distribution<double> spread(1 - shape_.jitter, 1 + shape_.jitter);
    return std::chrono::milliseconds(static_cast<int64_t>(base * spread(engine_)));
  }
  void Reset() { tries_ = 0; }

 private:
  Shape shape_;
  std::mt19937 engine_;
  int tries_ = 0;
};

/// A random time from `least` to `most`.
inline std::chrono::milliseconds RandomTime(std::chrono::milliseconds least,
                                            std::chrono::milliseconds most) {
  thread_local std::mt19937 engine{std::random_device()()};
  return std::chrono::milliseconds(
      std::uniform_int_distribution<int64_t>(least.count(), most.count())(engine));
}

}  // namespace berth::agent::link
