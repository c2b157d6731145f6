#include "cgroups/await_event.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>

#include "base/sys.h"
#include "cgroups/control_file.h"
#include "cgroups/setting.h"

namespace berth::cgroups {

// The state is read after the file is opened and before sleeping, so no change is slept through but
// one: the kernel holds news back for up to 10 ms (CGROUP_FILE_NOTIFY_MIN_INTV) and forgets them if
// the cgroup is removed meanwhile, which it does not tell either. Hence a look now and then, ever
// more seldom.
Result<Awaited> AwaitEvent(const std::string& path, const EventWish& wish) {
  using std::chrono::milliseconds;
  const std::string name = path + "/cgroup.events";
  const auto events = sys::Open(name, O_RDONLY);
  if (!events) {
    if (events.error().Is(ENOENT)) return Awaited::kGone;
    return events.error();
  }
  for (milliseconds nap(20);; nap = std::min(nap * 2, milliseconds(320))) {
    const auto content = TRY(ReadAnew(events->get()).Context("{}", name));
    if (!content) return Awaited::kGone;
    if (FlatValue(*content, wish.key) == wish.value) return Awaited::kCame;
    const auto rest =
        std::chrono::ceil<milliseconds>(wish.deadline - std::chrono::steady_clock::now());
    if (rest.count() <= 0) return Awaited::kTimedOut;
    pollfd change = {.fd = events->get(), .events = POLLPRI, .revents = 0};
    if (::poll(&change, 1, static_cast<int>(std::min(rest, nap).count())) < 0 && errno != EINTR) {
      return ErrnoError("poll {}", name);
    }
  }
}

}  // namespace berth::cgroups
