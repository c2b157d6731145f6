#include "cgroups/events.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include "base/files.h"
#include "base/sys.h"
#include "cgroups/control_file.h"
#include "cgroups/setting.h"

namespace berth::cgroups {
namespace {

void ReadCgroupEvents(const std::string& content, CgroupEvents& events) {
  events.populated = FlatValue(content, "populated") != 0;
  events.frozen = FlatValue(content, "frozen") != 0;
}

void ReadMemoryEvents(const std::string& content, CgroupEvents& events) {
  events.memory = ParseMemoryEvents(content);
}

void ReadPidsEvents(const std::string& content, CgroupEvents& events) {
  events.pids_max = FlatValue(content, "max");
}

struct EventsFile {
  const char* name;
  void (*read)(const std::string& content, CgroupEvents& events);
};
// Every cgroup has the first, and those of their controllers the others.
constexpr std::array<EventsFile, 3> kEventsFiles = {{{"cgroup.events", ReadCgroupEvents},
                                                     {"memory.events", ReadMemoryEvents},
                                                     {"pids.events", ReadPidsEvents}}};

}  // namespace

Result<CgroupEvents> ReadEvents(const std::string& path) {
  CgroupEvents events;
  for (size_t i = 0; i < kEventsFiles.size(); ++i) {
    const std::string name = path + "/" + kEventsFiles[i].name;
    const auto content = ReadFile(name);
    if (!content && i > 0 && content.error().Is(ENOENT)) continue;
    kEventsFiles[i].read(TRY(content), events);
  }
  return events;
}

Result<EventWatch> EventWatch::Open(const std::string& path) {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return ErrnoError("epoll_create");
  EventWatch watch(std::move(epoll));
  for (size_t i = 0; i < kEventsFiles.size(); ++i) {
    const std::string name = path + "/" + kEventsFiles[i].name;
    auto file = sys::Open(name, O_RDONLY);
    if (!file && i > 0 && file.error().Is(ENOENT)) continue;
    watch.files_[i] = TRY(std::move(file));
    // Said for as long as the file was not read since its last change.
    epoll_event change = {.events = EPOLLPRI, .data = {}};
    if (::epoll_ctl(watch.epoll_.get(), EPOLL_CTL_ADD, watch.files_[i].get(), &change) < 0) {
      return ErrnoError("watch {}", name);
    }
  }
  if (TRY(watch.Read()).gone) return Error(fmt::format("{} was removed", path), ENODEV);
  return watch;
}

Result<EventChange> EventWatch::Read() {
  EventChange change = {.before = last_};
  for (size_t i = 0; i < kEventsFiles.size(); ++i) {
    if (!files_[i]) continue;
    const auto content = TRY(ReadAnew(files_[i].get()).Context("{}", kEventsFiles[i].name));
    if (!content) change.gone = true;
    if (content) kEventsFiles[i].read(*content, change.now);
  }
  if (change.gone) {
    change.now = last_;
    change.now.populated = change.now.frozen = false;
  }
  last_ = change.now;
  return change;
}

}  // namespace berth::cgroups
