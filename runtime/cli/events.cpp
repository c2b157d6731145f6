// events: what a container uses, and that it has run out of memory, as it happens.
#include <poll.h>
#include <unistd.h>

#include <chrono>

#include "base/sys.h"
#include "base/text.h"
#include "cgroups/events.h"
#include "runtime/cli/command.h"
#include "runtime/cli/stats_json.h"

namespace berth::runtime::cli {
namespace {

using std::chrono::milliseconds;

constexpr Option kEventsOptions[] = {
    {"interval", 0, "TIME", "Between two statistics: 5s (default), 500ms, 1m"},
    {"stats", 0, nullptr, "Print the statistics once"},
};

// A number with its unit, as Go writes durations.
Result<milliseconds> ParseInterval(std::string_view text) {
  const size_t digits = text.find_first_not_of("0123456789");
  const std::string_view unit = digits == std::string_view::npos ? "" : text.substr(digits);
  const auto number = ParseInteger<int32_t>(text.substr(0, digits));
  if (number && *number > 0) {
    if (unit == "ms") return milliseconds(*number);
    if (unit == "s") return std::chrono::seconds(*number);
    if (unit == "m") return std::chrono::minutes(*number);
  }
  return MakeError("--interval {}: must be a number with ms, s or m, greater than 0", text);
}

Result<void> Print(const std::string& line) { return sys::WriteAll(STDOUT_FILENO, line + "\n"); }

Result<void> PrintStats(cgroups::StatsReader& reader, const std::string& id) {
  TRY(reader.Read(cgroups::StatsParts::kAll));
  return Print(StatsJson(id, reader.stats()));
}

uint64_t OomKills(const cgroups::CgroupEvents& events) {
  return events.memory ? events.memory->oom_kill : 0;
}

// Until the container's last process has gone.
Result<void> Follow(cgroups::StatsReader& reader, const std::string& path, const std::string& id,
                    milliseconds interval) {
  using Clock = std::chrono::steady_clock;
  auto watch = TRY(cgroups::EventWatch::Open(path));
  for (auto next = Clock::now();;) {
    if (Clock::now() >= next) {
      TRY(PrintStats(reader, id));
      next += interval;
    }
    pollfd event = {.fd = watch.fd(), .events = POLLIN};
    const auto left = std::chrono::ceil<milliseconds>(next - Clock::now()).count();
    if (::poll(&event, 1, static_cast<int>(std::max<int64_t>(0, left))) < 0 && errno != EINTR) {
      return ErrnoError("poll");
    }
    if (event.revents == 0) continue;
    const cgroups::EventChange change = TRY(watch.Read());
    if (OomKills(change.now) > OomKills(change.before)) {
      TRY(Print(fmt::format(R"({{"type":"oom","id":"{}"}})", id)));
    }
    if (change.gone || !change.now.populated) return {};
  }
}

Result<int> RunEvents(const Globals& globals, const Arguments& arguments) {
  const Container container = TRY(FindContainer(globals, arguments.words()[0]));
  const milliseconds interval = TRY(ParseInterval(arguments.Value("interval", "5s")));
  if (container.state.status == Status::kStopped) {
    return MakeError("container not running: \"{}\" is stopped", container.record.id);
  }
  const std::string& path = container.record.cgroup.path;
  if (path.empty()) {
    return MakeError("container \"{}\" has no cgroup of its own", container.record.id);
  }
  auto reader = TRY(cgroups::StatsReader::Open(path));
  if (arguments.Has("stats")) {
    TRY(PrintStats(reader, container.record.id));
    return 0;
  }
  auto followed = Follow(reader, path, container.record.id, interval);
  // Its end is no failure of ours.
  if (!followed && !followed.error().Is(ENODEV)) return std::move(followed).error();
  return 0;
}

}  // namespace

const Command kEvents = {.name = "events",
                         .words = "CONTAINER-ID",
                         .help = "Print what a container uses, and when it runs out of memory",
                         .options = kEventsOptions,
                         .order = Order::kAnywhere,
                         .least_words = 1,
                         .most_words = 1,
                         .run = RunEvents};

}  // namespace berth::runtime::cli
