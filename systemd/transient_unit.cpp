#include "systemd/transient_unit.h"

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "systemd/job.h"
#include "systemd/libsystemd.h"

namespace berth::systemd {
namespace {

std::vector<UnitProperty> ScopeProperties(const ScopeRequest& request) {
  std::vector<UnitProperty> all = {
      {"Description", request.description},
      {"Slice", request.slice},
      {"PIDs", std::vector<uint32_t>(request.pids.begin(), request.pids.end())},
      {"Delegate", true},
      {"CollectMode", "inactive-or-failed"},
      // Ordering against the boot's targets and shutdown.target is its slice's business.
      {"DefaultDependencies", false},
      {"CPUAccounting", true},
      {"MemoryAccounting", true},
      {"IOAccounting", true},
      {"TasksAccounting", true},
      // Otherwise DefaultTasksMax holds: 15 % of what the host can have.
      {"TasksMax", UINT64_MAX},
  };
  all.insert(all.end(), request.properties.begin(), request.properties.end());
  return all;
}

Result<void> StartTransientUnit(Bus& bus, const ScopeRequest& request) {
  JobWatch watch = TRY(JobWatch::Start(bus));
  Message call = TRY(bus.NewCall("StartTransientUnit"));
  TRY(call.AddString(request.name));
  TRY(call.AddString("replace"));  // a stop of the slice that may be queued
  TRY(call.AddProperties(ScopeProperties(request)));
  TRY(call.AddNoUnits());
  Message answer = TRY(bus.Call(call, request.name));
  return watch.Wait(TRY(answer.ReadPath()));
}

// One that exists is mostly what a task left behind that failed, and there to be shown to people.
Result<void> StartOverFailed(Bus& bus, const ScopeRequest& request) {
  auto started = StartTransientUnit(bus, request);
  if (started || !started.error().Is(EEXIST)) return started;
  TRY(ResetFailed(bus, request.name));
  return StartTransientUnit(bus, request);
}

// StopUnit's job; nothing if there is no such unit.
Result<void> Stop(Bus& bus, const std::string& name) {
  JobWatch watch = TRY(JobWatch::Start(bus));
  Message call = TRY(bus.NewCall("StopUnit"));
  TRY(call.AddString(name));
  TRY(call.AddString("replace"));
  auto answer = bus.Call(call, name);
  if (!answer && answer.error().Is(ENOENT)) return {};
  if (!answer) return Error(std::move(answer).error());
  return watch.Wait(TRY(answer->ReadPath()));
}

}  // namespace

Result<std::string> StartScope(Bus& bus, const ScopeRequest& request) {
  if (request.pids.empty()) {
    return Error(fmt::format("start {}: a scope needs a process to begin with", request.name),
                 EINVAL);
  }
  if (auto started = StartOverFailed(bus, request); !started) {
    (void)ResetFailed(bus, request.name);  // the reason to tell is why it did not start
    return Error(std::move(started).error()).WithContext("start " + request.name);
  }
  return ScopeControlGroup(bus, request.name).Context("start {}", request.name);
}

Result<void> StopUnit(Bus& bus, const std::string& name) {
  auto stopped = Stop(bus, name).Context("stop {}", name);
  auto reset = ResetFailed(bus, name);
  return stopped ? reset : stopped;
}

Result<void> ResetFailed(Bus& bus, const std::string& name) {
  Message call = TRY(bus.NewCall("ResetFailedUnit"));
  TRY(call.AddString(name));
  auto answer = bus.Call(call, name);
  if (!answer && !answer.error().Is(ENOENT)) return Error(std::move(answer).error());
  return {};
}

Result<void> SetUnitProperties(Bus& bus, const std::string& name,
                               std::span<const UnitProperty> properties) {
  Message call = TRY(bus.NewCall("SetUnitProperties"));
  TRY(call.AddString(name));
  TRY(call.AddBool(true));  // runtime: nothing in /etc
  TRY(call.AddProperties(properties));
  TRY(bus.Call(call, name));
  return {};
}

Result<std::string> ScopeControlGroup(Bus& bus, const std::string& name) {
  char* path = nullptr;
  const int r = bus.lib().sd_bus_path_encode("/org/freedesktop/systemd1/unit", name.c_str(), &path);
  if (r < 0) return Error(fmt::format("{}: {}", name, ErrnoMessage(-r)), -r);
  const std::unique_ptr<char, decltype(&::free)> owner(path, &::free);
  std::string cgroup = TRY(
      bus.GetString("ControlGroup", {.path = path, .interface = "org.freedesktop.systemd1.Scope"}));
  if (cgroup.empty()) return Error(fmt::format("{} is not running", name), ENOENT);
  return cgroup;
}

}  // namespace berth::systemd
