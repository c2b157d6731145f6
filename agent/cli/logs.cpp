#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include "agent/cli/commands.h"
#include "agent/cli/output_lines.h"
#include "agent/cli/terminal.h"
#include "agent/task/follow.h"
#include "agent/task/task_view.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

// Also looked at without a change: a shim that is killed writes nothing.
constexpr int kLookAgain = 1000;  // milliseconds

// Writes each line to where its container wrote it.
class Printer {
 public:
  explicit Printer(OutputLines::Style style)
      : stdout_(Coloured(style, STDOUT_FILENO)), stderr_(Coloured(style, STDERR_FILENO)) {}

  void Add(const std::string& container) {
    stdout_.Add(container);
    stderr_.Add(container);
  }
  // In as few writes as the order allows.
  Result<void> Print(const std::vector<News::Line>& lines) {
    std::string text;
    int to = STDOUT_FILENO;
    for (const News::Line& line : lines) {
      const bool out = line.entry.stream == logs::Stream::kStdout;
      if (const int fd = out ? STDOUT_FILENO : STDERR_FILENO; fd != to) {
        TRY(sys::WriteAll(to, text));
        text.clear();
        to = fd;
      }
      text += (out ? stdout_ : stderr_).Format(line.container, line.entry);
    }
    return sys::WriteAll(to, text);
  }

 private:
  static OutputLines::Style Coloured(OutputLines::Style style, int fd) {
    style.colours = ColoursFor(fd);
    return style;
  }

  OutputLines stdout_;
  OutputLines stderr_;
};

Result<std::vector<std::string>> Chosen(const TaskView& task, const std::string& container) {
  std::vector<std::string> names;
  for (const ContainerView& one : task.containers) names.push_back(one.name);
  if (container.empty()) return names;
  if (std::find(names.begin(), names.end(), container) == names.end()) {
    return MakeError("task {} has no container {}; it has {}", task.record.name, container,
                     Join(names, ", "));
  }
  return std::vector{container};
}

// Whether nothing more will be written: the task has stopped, or was removed.
Result<bool> IsOver(AgentContext& context, const std::string& task_id) {
  const std::vector<TaskRecord> tasks = TRY(context.state.Tasks());
  const auto record = std::find_if(tasks.begin(), tasks.end(),
                                   [&](const TaskRecord& task) { return task.id == task_id; });
  return record == tasks.end() || TRY(ViewTask(context, *record)).status == shim::Status::kStopped;
}

}  // namespace

Result<int> Logs(const Paths& paths, const LogsOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const TaskRecord record = TRY(context.state.Find(options.task));
  const auto containers = TRY(Chosen(TRY(ViewTask(context, record)), options.container));
  Printer printer({.prefix = containers.size() > 1 ? Prefix::kContainer : Prefix::kNone,
                   .timestamps = options.timestamps ? Timestamps::kOn : Timestamps::kOff});
  for (const std::string& container : containers) printer.Add(container);
  auto started = TaskWatch::Start(paths, record.id, containers);
  // A launch that was interrupted before there was anything that could write.
  if (!started && started.error().Is(ENOENT)) return 0;
  TaskWatch watch = TRY(std::move(started));
  Follower follower(paths, record.id, containers);
  for (;;) {
    watch.Clear();
    // Asked before reading: if it is over by then, all that was written gets read.
    const bool last = !options.follow || TRY(IsOver(context, record.id));
    TRY(printer.Print(TRY(follower.Next()).lines));
    if (last) return 0;
    pollfd news = {.fd = watch.fd(), .events = POLLIN, .revents = 0};
    if (::poll(&news, 1, kLookAgain) < 0 && errno != EINTR) return ErrnoError("poll");
  }
}

}  // namespace berth::agent::cli
