// Cleanup and Rollback: what is to be undone, kept beside what was done.
#pragma once

#include <functional>
#include <utility>
#include <vector>

namespace berth {

/// Runs its work at the end of the scope, unless cancelled.
class Cleanup {
 public:
  explicit Cleanup(std::function<void()> work) : work_(std::move(work)) {}
  Cleanup(Cleanup&& other) noexcept : work_(std::exchange(other.work_, nullptr)) {}
  Cleanup& operator=(Cleanup&&) = delete;
  ~Cleanup() {
    if (work_) work_();
  }
  void Cancel() { work_ = nullptr; }

 private:
  std::function<void()> work_;
};

/// The undo steps of something built in parts: each part pushes its own, and unless `Commit` is
/// reached they run in the opposite order.
class Rollback {
 public:
  Rollback() = default;
  Rollback(const Rollback&) = delete;
  Rollback& operator=(const Rollback&) = delete;
  ~Rollback() { Run(); }

  void Push(std::function<void()> undo) { undo_.push_back(std::move(undo)); }
  void Commit() { undo_.clear(); }
  void Run() {
    for (; !undo_.empty(); undo_.pop_back()) undo_.back()();
  }

 private:
  std::vector<std::function<void()>> undo_;
};

}  // namespace berth
