#include "scheduler/store/lease_deadlines.h"

namespace berth::scheduler {

void LeaseDeadlines::Add(LeaseId lease, std::chrono::seconds ttl, Time now) {
  Remove(lease);
  const auto entry = leases_.insert({lease, {.ttl = ttl, .due = now + ttl}}).first;
  by_due_.insert({entry->second.due, lease});
}

void LeaseDeadlines::Remove(LeaseId lease) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return;
  by_due_.erase({found->second.due, lease});
  leases_.erase(found);
}

bool LeaseDeadlines::KeepAlive(LeaseId lease, Time now) {
  const auto found = leases_.find(lease);
  if (found == leases_.end() || found->second.ended || found->second.due <= now) return false;
  SetDue(lease, found->second, now + found->second.ttl);
  return true;
}

std::vector<LeaseId> LeaseDeadlines::TakeEnded(Time now) {
  std::vector<LeaseId> ended;
  while (!by_due_.empty() && by_due_.begin()->first <= now) {
    const LeaseId id = by_due_.begin()->second;
    Lease& lease = leases_.at(id);
    lease.ended = true;
    SetDue(id, lease, now + kRetry);
    ended.push_back(id);
  }
  return ended;
}

std::optional<LeaseDeadlines::Time> LeaseDeadlines::Next() const {
  if (by_due_.empty()) return std::nullopt;
  return by_due_.begin()->first;
}

void LeaseDeadlines::SetDue(LeaseId id, Lease& lease, Time due) {
  by_due_.erase({lease.due, id});
  lease.due = due;
  by_due_.insert({due, id});
}

}  // namespace berth::scheduler
