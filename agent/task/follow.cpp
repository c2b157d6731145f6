#include "agent/task/follow.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/sys.h"

namespace berth::agent {

Follower::Follower(const Paths& paths, const std::string& task_id,
                   const std::vector<std::string>& containers)
    : journal_(paths.Journal(task_id)) {
  for (const std::string& container : containers) {
    logs_.emplace(container, logs::JsonLogReader(paths.Log(task_id, container)));
  }
}

Result<void> Follower::ReadJournal(News& news) {
  if (!journal_file_) {
    auto opened = sys::Open(journal_, O_RDONLY);
    if (!opened && opened.error().Is(ENOENT)) return {};
    journal_file_ = TRY(std::move(opened));
  }
  unfinished_ += TRY(ReadAll(journal_file_.get()));
  const size_t complete = unfinished_.rfind('\n') + 1;  // 0 if there is no whole line
  news.events = TRY(shim::ParseJournal(std::string_view(unfinished_).substr(0, complete)));
  unfinished_.erase(0, complete);
  return {};
}

Result<News> Follower::Next() {
  News news;
  // The journal first: what a container wrote before it stopped is then shown with its stop at the
  // latest, never missed.
  TRY(ReadJournal(news));
  for (auto& [container, log] : logs_) {
    for (logs::LogEntry& entry : TRY(log.Next())) {
      news.lines.push_back({.container = container, .entry = std::move(entry)});
    }
  }
  std::stable_sort(news.lines.begin(), news.lines.end(),
                   [](const auto& a, const auto& b) { return a.entry.time < b.entry.time; });
  return news;
}

Result<TaskWatch> TaskWatch::Start(const Paths& paths, const std::string& task_id,
                                   const std::vector<std::string>& containers) {
  UniqueFd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return ErrnoError("inotify");
  std::vector<std::string> dirs = {paths.Task(task_id)};
  for (const std::string& container : containers) dirs.push_back(paths.Bundle(task_id, container));
  for (const std::string& dir : dirs) {
    if (::inotify_add_watch(inotify.get(), dir.c_str(), IN_MODIFY | IN_CREATE) < 0) {
      return ErrnoError("watch {}", dir);
    }
  }
  return TaskWatch(std::move(inotify));
}

void TaskWatch::Clear() {
  std::array<char, 4096> notices;
  while (::read(inotify_.get(), notices.data(), notices.size()) > 0) {
  }
}

}  // namespace berth::agent
