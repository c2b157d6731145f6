// Follower: what happens to a task and what its containers write, as it comes. TaskWatch: when to
// look.
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
  /// Of a task and its containers by name. Nothing has to be there yet.
  Follower(const Paths& paths, const std::string& task_id,
           const std::vector<std::string>& containers);

  /// All there is now that was not there before.
  Result<News> Next();

 private:
  Result<void> ReadJournal(News& news);

  std::string journal_;
  UniqueFd journal_file_;
  std::string unfinished_;
  std::map<std::string, logs::JsonLogReader> logs_;
};

/// Tells from the file system (inotify(7)) when a task's journal or logs grow: for those whom the
/// shim does not tell. Closing it waits for the kernel, 2 to 20 ms.
class TaskWatch {
 public:
  /// Fails with ENOENT if the task's directories are not there.
  static Result<TaskWatch> Start(const Paths& paths, const std::string& task_id,
                                 const std::vector<std::string>& containers);

  /// Readable when there may be news.
  int fd() const { return inotify_.get(); }
  /// To be called before the news are read.
  void Clear();

 private:
  explicit TaskWatch(UniqueFd inotify) : inotify_(std::move(inotify)) {}

  UniqueFd inotify_;
};

}  // namespace berth::agent
