#include "runtime/cli/lifecycle.h"

#include <signal.h>

#include <chrono>

#include "base/log.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "runtime/cli/container_cgroup.h"
#include "runtime/hooks/hooks.h"
#include "runtime/rdt/intel_rdt.h"

namespace berth::runtime::cli {
namespace {

constexpr std::chrono::seconds kPatience(10);

// The process of the record, if it is still that one: held by its pidfd before it is looked at.
Result<std::optional<Pidfd>> LivingProcess(const Record& record) {
  if (record.pid == 0) return std::optional<Pidfd>();
  auto process = Pidfd::Open(record.pid);
  if (!process) return std::optional<Pidfd>();
  if (ProcessStartTime(record.pid).ValueOr(0) != record.start_time) return std::optional<Pidfd>();
  return std::optional(std::move(*process));
}

Result<void> EndProcess(const Record& record) {
  const std::optional<Pidfd> process = TRY(LivingProcess(record));
  if (!process) return {};
  TRY(process->Signal(SIGKILL));
  if (!TRY(process->WaitForEnd(kPatience))) {
    return MakeError("process {} does not end after SIGKILL", record.pid);
  }
  return {};
}

Result<void> LetStart(Container& container) {
  if (!container.start) {
    UniqueFd starter = TRY(container.dir.ConnectToStart());
    TRY(FaultPoint("start", "connected"));
    return StartKept(std::move(starter));
  }
  Created created = {.pid = container.record.pid, .start = std::move(container.start)};
  TRY(Start(created));
  container.dir.Unlock();
  return {};
}

// What the configuration says of a container's end.
struct AtTheEnd {
  std::vector<Hook> hooks;
  HookStreams streams;
  std::optional<IntelRdt> rdt;
};

Result<AtTheEnd> ReadTheEnd(const StateDir& dir, const Record& record) {
  if (!record.late_hooks) return AtTheEnd();
  Spec spec = TRY(dir.ReadConfig());
  HookStreams streams = TRY(OpenHookStreams(spec.extensions));
  return AtTheEnd{.hooks = std::move(spec.hooks.poststop),
                  .streams = std::move(streams),
                  .rdt = std::move(spec.linux_.intelRdt)};
}

}  // namespace

Result<void> StartContainer(Container& container) {
  const std::string& id = container.record.id;
  if (container.state.status != Status::kCreated) {
    return MakeError("container \"{}\" can't be started: it is {}, not created", id,
                     Name(container.state.status));
  }
  TRY(LetStart(container));
  TRY(FaultPoint("start", "started"));
  if (!container.record.late_hooks) return {};
  const Spec spec = TRY(container.dir.ReadConfig());
  ContainerState state = container.state;
  state.status = Status::kRunning;
  auto streams = OpenHookStreams(spec.extensions);
  auto hooked = streams ? RunHooks("poststart", spec.hooks.poststart, state, *streams)
                        : Result<void>(std::move(streams).error());
  if (!hooked) TRY(EndProcess(container.record));
  return hooked;
}

Result<void> RemoveContainer(StateDir& dir, const std::optional<Record>& record) {
  if (!record) return dir.Remove();
  TRY(EndProcess(*record));
  TRY(RemoveCgroup(record->cgroup));
  TRY(FaultPoint("delete", "cgroup"));
  const auto late = ReadTheEnd(dir, *record);
  if (!late) log::Warning("poststop hooks: {}", late.error().message());
  if (late && late->rdt) TRY(RemoveRdtGroup(*late->rdt, record->id));
  // From here on there is no container of that name, only what remains to be done about it.
  TRY(dir.Retire());
  TRY(FaultPoint("delete", "retired"));
  if (late) {
    RunPoststopHooks(late->hooks,
                     {.id = record->id,
                      .status = Status::kStopped,
                      .bundle = record->bundle,
                      .annotations = record->annotations},
                     late->streams);
  }
  TRY(FaultPoint("delete", "hooks"));
  return dir.Remove();
}

Result<void> RemoveEnded(Container& container) {
  auto locked = container.dir.Lock();
  if (!locked && locked.error().Is(ENOENT)) return {};
  TRY(std::move(locked));
  return RemoveContainer(container.dir, container.record);
}

}  // namespace berth::runtime::cli
