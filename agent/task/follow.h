// Follower: what happens to a task and what its containers write, as it comes.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/logs/json_log_reader.h"
#include "agent/paths.h"
#include "agent/shim/event.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent {

/// What has come since the last look, in the order to show it.
struct News {
  struct Line {
    std::string container;
    logs::LogEntry entry;
  };
  std::vector<shim::Event> events;
  std::vector<Line> lines;  // by time
};

class Follower {
 public:
  /// Of a task that exists; its containers by name.
  static Result<Follower> Start(const Paths& paths, const std::string& task_id,
                                const std::vector<std::string>& containers);

  /// Readable when there may be news (inotify(7)).
  int fd() const { return inotify_.get(); }
  /// All there is now.
  Result<News> Next();

 private:
  Follower(UniqueFd inotify, std::string journal)
      : inotify_(std::move(inotify)), journal_(std::move(journal)) {}
  Result<void> ReadJournal(News& news);

  UniqueFd inotify_;
  std::string journal_;
  UniqueFd journal_file_;
  std::string unfinished_;
  std::map<std::string, logs::JsonLogReader> logs_;
};

}  // namespace berth::agent
