// UsageBook: the usage of all containers that run, sampled together.
#pragma once

#include <map>
#include <string>

#include "agent/stats/usage_history.h"

namespace berth::agent::stats {

/// Of containers by their ids (DockerId). Belongs to one thread.
class UsageBook {
 public:
  /// `proc`: tests put a tree of their own there.
  explicit UsageBook(const std::string& proc = "/proc") : host_(proc) {}

  /// From now on it is sampled; once more for the same id, with its new places, if it was
  /// restarted: its history goes on.
  Result<void> Watch(const std::string& id, UsagePlaces places);
  /// Not sampled any more, and forgotten.
  void Forget(const std::string& id) { pages_.erase(id); }
  /// Takes a sample of each: to be called every second. One that can't be read any more has ended,
  /// and keeps the history that it has.
  void Sample();

  /// Null for one that is not watched. Good until the next call of a member that changes something.
  UsageHistory* Find(const std::string& id);
  const UsageHistory* Find(const std::string& id) const;
  /// Read now; nothing of one that is not watched or has ended.
  UsageDetails ReadDetails(const std::string& id) const;

 private:
  struct Page {
    std::optional<UsageReader> reader;  // until it has ended
    UsageHistory history;
  };
  HostReader host_;
  std::map<std::string, Page> pages_;
};

}  // namespace berth::agent::stats
