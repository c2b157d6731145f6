#include "cgroups/scope.h"

#include "base/files.h"
#include "cgroups/systemd_properties.h"
#include "systemd/manager_version.h"
#include "systemd/transient_unit.h"

namespace berth::cgroups {
namespace {

Result<std::string> StartUnit(const ScopePlan& plan, pid_t process) {
  systemd::Bus bus = TRY(systemd::Bus::Of(plan.instance));
  const int version = TRY(systemd::ManagerVersion(bus));
  auto properties = SystemdProperties(AllSettings(plan.limits), version);
  properties.insert(properties.end(), plan.properties.begin(), plan.properties.end());
  return systemd::StartScope(bus, {.name = plan.name,
                                   .slice = plan.slice,
                                   .description = plan.description,
                                   .pids = {process},
                                   .properties = std::move(properties)});
}

}  // namespace

Result<Cgroup> MakeScope(const Hierarchy& hierarchy, const ScopePlan& plan, pid_t process) {
  const std::string path = TRY(StartUnit(plan, process).Context("scope {}", plan.name));
  const std::string name = path.substr(path.find_first_not_of('/'));
  Cgroup scope = TRY(Cgroup::Open(hierarchy, name).Context("the cgroup of {}", plan.name));
  if (!plan.leaf.empty()) {
    // Processes live in leaves only, or the controllers could not be handed down to the others.
    const Cgroup leaf = TRY(Cgroup::Create(hierarchy, name + "/" + plan.leaf));
    TRY(WriteControlFile(leaf.fd(), "cgroup.procs", fmt::format("{}", process))
            .Context("{}", leaf.path()));
  }
  TRY(scope.Update(plan.limits));
  return scope;
}

Result<void> UpdateScope(const std::string& name, const Limits& limits, SystemdInstance instance) {
  systemd::Bus bus = TRY(systemd::Bus::Of(instance));
  const auto properties = SystemdProperties(AllSettings(limits), TRY(systemd::ManagerVersion(bus)));
  if (properties.empty()) return {};
  return systemd::SetUnitProperties(bus, name, properties).Context("scope {}", name);
}

Result<std::string> SystemdRoot(SystemdInstance instance) {
  if (instance == SystemdInstance::kHost) return std::string();
  systemd::Bus bus = TRY(systemd::Bus::Of(instance));
  const std::string path = TRY(bus.GetString("ControlGroup"));
  return path.size() < 2 ? std::string() : path.substr(1) + "/";
}

}  // namespace berth::cgroups
