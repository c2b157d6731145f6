#include "scheduler/store/caretaker.h"

#include <algorithm>

namespace berth::scheduler {
namespace {

// A checkpoint competes with commits for the disk. So it waits for a moment without any, which a
// busy store may not have: then it comes anyway, before the log is so long that the writer has to
// do it.
constexpr std::chrono::milliseconds kTick{200};
constexpr std::chrono::seconds kLongestWait{1};

}  // namespace

Caretaker::Caretaker(Duties duties, Retention retention)
    : duties_(std::move(duties)), retention_(retention) {}

Caretaker::~Caretaker() { Stop(); }

void Caretaker::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Caretaker::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Caretaker::AddLease(LeaseId lease, std::chrono::seconds ttl) {
  {
    const std::lock_guard lock(mutex_);
    leases_.Add(lease, ttl, Clock::now());
  }
  changed_.notify_one();
}

void Caretaker::RemoveLease(LeaseId lease) {
  const std::lock_guard lock(mutex_);
  leases_.Remove(lease);
}

bool Caretaker::KeepLeaseAlive(LeaseId lease) {
  const std::lock_guard lock(mutex_);
  return leases_.KeepAlive(lease, Clock::now());
}

void Caretaker::Committed(Revision revision) {
  {
    const std::lock_guard lock(mutex_);
    revision_ = revision;
    if (commits_++ != commits_in_file_) return;  // it ticks already
    last_checkpoint_ = Clock::now();
    next_tick_ = last_checkpoint_ + kTick;
  }
  changed_.notify_one();
}

void Caretaker::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto due = leases_.Next();
    const bool ticking = commits_ != commits_in_file_;
    if (ticking) due = std::min(due.value_or(next_tick_), next_tick_);
    if (!due) {
      changed_.wait(lock);
    } else if (Clock::now() < *due) {
      changed_.wait_until(lock, *due);
    } else {
      EndLeases(lock);
      if (ticking && Clock::now() >= next_tick_) LookAfterLog(lock);
    }
  }
}

void Caretaker::EndLeases(std::unique_lock<std::mutex>& lock) {
  const std::vector<LeaseId> ended = leases_.TakeEnded(Clock::now());
  lock.unlock();
  for (const LeaseId lease : ended) duties_.end_lease(lease);
  lock.lock();
}

void Caretaker::LookAfterLog(std::unique_lock<std::mutex>& lock) {
  const auto now = Clock::now();
  const bool quiet = commits_ == commits_seen_;
  commits_seen_ = commits_;
  next_tick_ = now + kTick;
  const std::optional<Revision> forget = retention_.Tell(now, revision_);
  const bool checkpoint = quiet || now - last_checkpoint_ >= kLongestWait;
  if (checkpoint) {
    commits_in_file_ = commits_;
    last_checkpoint_ = now;
  }
  lock.unlock();
  if (forget) duties_.compact(*forget);
  if (checkpoint) duties_.checkpoint();
  lock.lock();
}

}  // namespace berth::scheduler
