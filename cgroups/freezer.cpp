#include "cgroups/freezer.h"

#include <fcntl.h>

#include <optional>
#include <string_view>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/text.h"
#include "cgroups/await_event.h"
#include "cgroups/setting.h"

namespace berth::cgroups {
namespace {

bool CgroupIsGone(const Error& error) { return error.Is(ENOENT) || error.Is(ENODEV); }

Result<void> WriteFreeze(const std::string& path, std::string_view value) {
  auto written = WriteControlFile(AT_FDCWD, path + "/cgroup.freeze", value);
  if (!written && written.error().Is(ENOENT) && Exists(path)) {
    return Error(fmt::format("{}: no cgroup.freeze: this needs Linux 5.2, and a cgroup that is not "
                             "the root",
                             path),
                 ENOTSUP);
  }
  return written;
}

Result<Awaited> AwaitFrozen(const std::string& path, uint64_t frozen,
                            std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  return AwaitEvent(path, {.key = "frozen", .value = frozen, .deadline = deadline});
}

// The nearest cgroup above that is told to be frozen.
std::optional<std::string> FrozenAncestor(const std::string& path) {
  std::string above = path;
  for (;;) {
    const size_t slash = above.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return std::nullopt;
    above.resize(slash);
    const auto content = ReadFile(above + "/cgroup.freeze");
    if (!content) return std::nullopt;  // the root, which can't be frozen, has none
    if (Trim(*content) == "1") return above;
  }
}

}  // namespace

Result<FreezerState> ReadFreezerState(const std::string& path) {
  const std::string events = TRY(ReadFile(path + "/cgroup.events"));
  if (FlatValue(events, "frozen") == 1) return FreezerState::kFrozen;
  const std::string wish = TRY(ReadFile(path + "/cgroup.freeze"));
  return Trim(wish) == "1" ? FreezerState::kFreezing : FreezerState::kThawed;
}

Result<void> Freeze(const std::string& path, std::chrono::milliseconds patience) {
  TRY(WriteFreeze(path, "1").Context("freeze"));
  // Fails only if the cgroup is gone, and its processes with it.
  Cleanup thaw([&] { static_cast<void>(WriteFreeze(path, "0")); });
  switch (TRY(AwaitFrozen(path, 1, patience).Context("freeze"))) {
    case Awaited::kCame:
      thaw.Cancel();
      return {};
    case Awaited::kTimedOut:
      return Error(fmt::format("freeze {}: a process has not stopped after {} ms; all go on", path,
                               patience.count()),
                   ETIMEDOUT);
    case Awaited::kGone:
      break;
  }
  return Error(fmt::format("freeze {}: it was removed meanwhile", path), ENODEV);
}

Result<void> Thaw(const std::string& path, std::chrono::milliseconds patience) {
  auto written = WriteFreeze(path, "0").Context("thaw");
  if (!written && CgroupIsGone(written.error())) return {};
  if (!written) return written;
  if (const auto above = FrozenAncestor(path)) {
    return Error(fmt::format("thaw {}: {} is frozen; thaw that", path, *above), EBUSY);
  }
  if (TRY(AwaitFrozen(path, 0, patience).Context("thaw")) != Awaited::kTimedOut) return {};
  return Error(fmt::format("thaw {}: still frozen after {} ms", path, patience.count()), ETIMEDOUT);
}

}  // namespace berth::cgroups
