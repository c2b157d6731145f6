#include "agent/task/launch.h"

#include <unistd.h>

#include <algorithm>

#include "agent/shim/journal.h"
#include "agent/task/build_plan.h"
#include "agent/task/interfaces.h"
#include "agent/task/name_files.h"
#include "agent/task/oci_spec.h"
#include "agent/task/resources.h"
#include "agent/task/start_shim.h"
#include "agent/task/task_cgroups.h"
#include "agent/task/teardown.h"
#include "agent/task/volumes.h"
#include "base/files.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/devices/filter.h"
#include "ecs/dump.h"
#include "runtime/spec/spec_parse.h"
#include "systemd/host.h"

namespace berth::agent {
namespace {

// What the steps below make, each for the ones after it.
struct Launch {
  AgentContext& context;
  LaunchRequest request;
  TaskRecord record;
  std::vector<Interface> interfaces;
  std::vector<PortRecord> ports;
  std::vector<net::HeldPort> held_ports;
  std::vector<ContainerVolumes> volumes;
  shim::TaskPlan plan;
  TaskCgroups cgroups;
  UniqueFd shim_cgroup;  // unless systemd makes it around the shim

  const ecs::TaskDefinition& definition() const { return request.definition; }
  const std::vector<ecs::ContainerDefinition>& containers() const {
    return request.definition.containerDefinitions;
  }
  const Paths& paths() const { return context.paths; }
  GroupBook Book() const { return {context.config, context.state}; }
  bool HasCgroups() const { return context.hierarchy.HasCgroup2(); }

  // The interface that container `index` lives behind; nothing in host mode.
  const Interface* InterfaceOf(size_t index) const {
    for (const Interface& interface : interfaces) {
      const auto& members = interface.containers;
      if (std::find(members.begin(), members.end(), index) != members.end()) return &interface;
    }
    return nullptr;
  }
};

// Whom to ask for cgroups, and for which.
Result<void> PlanCgroups(Launch& launch) {
  const cgroups::Manager wish =
      launch.request.cgroup_manager.value_or(launch.context.config.cgroupManager);
  launch.cgroups = {
      .manager = TRY(cgroups::ChooseManager(wish, launch.context.hierarchy, systemd::Booted())),
      .task_id = launch.record.id,
      .task_name = launch.record.name,
      .limits = TaskLimits(launch.definition(), launch.request.task_limits)};
  for (const ecs::ContainerDefinition& container : launch.containers()) {
    launch.cgroups.containers.push_back(
        {.container = container.name, .limits = ContainerLimits(container)});
  }
  return {};
}

// Before anything is reserved, since this may be a refusal.
Result<void> CheckLimits(Launch& launch) {
  std::vector<std::string> missing;
  const auto add = [&](const std::string& whose, const cgroups::Limits& limits) {
    for (const std::string& name : cgroups::Unenforceable(launch.context.hierarchy, limits)) {
      // Shares only say who goes first when the processors are all busy.
      if (name == "cpu.weight") continue;
      missing.push_back(fmt::format("{} of {}", name, whose));
    }
  };
  add("the task", launch.cgroups.limits);
  for (const ContainerCgroup& cgroup : launch.cgroups.containers) {
    add(cgroup.container, cgroup.limits);
  }
  if (missing.empty()) return {};
  const std::string text = fmt::format(
      "this host can't enforce {} (its cgroups are {}; berth doctor says what to change)",
      Join(missing, ", "), cgroups::Name(launch.context.hierarchy.kind));
  const bool strict =
      launch.request.limits == LimitPolicy::kRefuse || launch.context.config.strictLimits;
  if (strict) return Error(text);
  launch.request.warn(text);
  return {};
}

Result<void> Reserve(Launch& launch) {
  launch.interfaces = TRY(PlanInterfaces({.task_id = launch.record.id,
                                          .definition = launch.definition(),
                                          .network = launch.request.network,
                                          .given = launch.request.interface,
                                          .config = launch.context.config,
                                          .book = launch.Book()}));
  const HostCapacity reserved = Reservation(launch.definition());
  launch.record.cpu = reserved.cpu;
  launch.record.memory = reserved.memory;
  Wish wish = {.task = launch.record,
               .ports = WantedPorts(launch.definition()),
               .dynamic_ports = net::DynamicPortRange(),
               .capacity = Capacity()};
  for (const Interface& interface : launch.interfaces) {
    if (!interface.subnet) continue;
    wish.interfaces.push_back({.attachment_id = interface.attachment_id,
                               .subnet = interface.subnet->subnet,
                               .given = interface.given_address,
                               .given_ipv6 = interface.given_ipv6_address,
                               .groups = interface.groups});
  }
  const Admission admission = TRY(launch.context.state.Admit(wish));
  launch.ports = admission.ports;
  auto record = admission.addresses.begin();
  for (Interface& interface : launch.interfaces) {
    if (interface.subnet) interface.addresses = *record++;
  }
  return {};
}

// In host mode the containers bind the ports themselves.
Result<void> HoldPorts(Launch& launch) {
  if (launch.definition().networkMode != ecs::NetworkMode::kBridge) return {};
  for (const PortRecord& port : launch.ports) {
    launch.held_ports.push_back(TRY(net::HeldPort::Hold(port.protocol, port.host_port)));
  }
  return {};
}

Result<void> MakeDirectories(Launch& launch) {
  for (const ecs::ContainerDefinition& container : launch.containers()) {
    const std::string bundle = launch.paths().Bundle(launch.record.id, container.name);
    for (const char* part : {"", "/upper", "/work"}) {
      TRY(sys::MakeDirectories(bundle + part, part[0] == '\0' ? 0700 : 0755));
    }
  }
  launch.volumes = TRY(
      MakeVolumes(launch.record.id, launch.definition(), launch.request.images, launch.paths()));
  return {};
}

Result<void> MakeInterfaces(Launch& launch) {
  const GroupBook book = launch.Book();
  for (Interface& interface : launch.interfaces) {
    TRY(MakeInterface(interface, {.ports = launch.ports,
                                  .definition = launch.definition(),
                                  .paths = launch.paths(),
                                  .book = book,
                                  .config = launch.context.config,
                                  .pool = launch.request.netns_pool}));
  }
  return {};
}

std::string HostHostname() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::string HostnameOf(const Launch& launch, size_t index) {
  const ecs::ContainerDefinition& container = launch.containers()[index];
  if (container.hostname) return *container.hostname;
  const Interface* interface = launch.InterfaceOf(index);
  return interface == nullptr ? HostHostname() : interface->hostname;
}

std::vector<std::string> AddressesOf(const Interface* interface) {
  std::vector<std::string> addresses;
  if (interface == nullptr || !interface->subnet) return addresses;
  for (const net::IpAddress& address : interface->addresses.Reachable()) {
    addresses.push_back(address.Format());
  }
  return addresses;
}

// Bridge mode: "database:db" names another container by both words.
std::vector<HostLine> LinkLines(const Launch& launch, const ecs::ContainerDefinition& container) {
  std::vector<HostLine> lines;
  for (const std::string& link : container.links) {
    const std::vector<std::string> words = Split(link, ':');
    for (size_t i = 0; i < launch.containers().size(); ++i) {
      if (launch.containers()[i].name != words.front()) continue;
      for (std::string& address : AddressesOf(launch.InterfaceOf(i))) {
        lines.push_back({.address = std::move(address),
                         .names = fmt::format("{} {}", words.back(), words.front())});
      }
    }
  }
  return lines;
}

Result<void> WriteNameFiles(const Launch& launch, size_t index, const std::string& bundle) {
  const ecs::ContainerDefinition& container = launch.containers()[index];
  const Interface* interface = launch.InterfaceOf(index);
  const std::string hostname = HostnameOf(launch, index);
  std::vector<std::string> servers = container.dnsServers;
  if (servers.empty() && interface != nullptr && interface->subnet) {
    servers = interface->subnet->dnsServers;
  }
  const Reach reach = interface == nullptr ? Reach::kHostNetwork : Reach::kOwnNetwork;
  const std::string host = ReadFile(kHostResolvConf).ValueOr("");
  std::optional<TaskResolver> resolver;
  if (interface != nullptr && interface->subnet) resolver = ReadResolverFile(launch.paths());
  TRY(WriteNewFile(bundle + "/resolv.conf", ResolvConf({.host = host,
                                                        .servers = servers,
                                                        .search = container.dnsSearchDomains,
                                                        .reach = reach,
                                                        .resolver = resolver})));
  TRY(WriteNewFile(bundle + "/hosts",
                   HostsFile(AddressesOf(interface), hostname, LinkLines(launch, container),
                             container.extraHosts)));
  return WriteNewFile(bundle + "/hostname", hostname + "\n");
}

Result<void> WriteBundles(Launch& launch) {
  const bool filtered = launch.HasCgroups() && cgroups::DeviceFilterSupported().ValueOr(false);
  for (size_t i = 0; i < launch.containers().size(); ++i) {
    const ecs::ContainerDefinition& container = launch.containers()[i];
    const std::string bundle = launch.paths().Bundle(launch.record.id, container.name);
    TRY(WriteNameFiles(launch, i, bundle));
    const Interface* interface = launch.InterfaceOf(i);
    const bool init = container.linuxParameters && container.linuxParameters->initProcessEnabled;
    const std::string init_program = init ? TRY(OwnProgram("berth-init")) : "";
    const runtime::Spec spec = TRY(
        BuildSpec(
            {.task = &launch.definition(),
             .container = &container,
             .image = &launch.request.images[i],
             .hostname = HostnameOf(launch, i),
             .network_namespace =
                 interface == nullptr ? "" : fmt::format("/proc/self/fd/{}", interface->netns.fd()),
             .bundle = bundle,
             .init_program = init_program,
             .volumes = launch.volumes[i].mounts,
             .devices =
                 filtered ? SpecInputs::Devices::kFiltered : SpecInputs::Devices::kUnfiltered})
            .Context("containerDefinitions[{}]", i));
    if (filtered) launch.cgroups.containers[i].devices = DeviceRules(container, spec);
    TRY(WriteNewFile(bundle + "/config.json", runtime::DumpSpec(spec), 0600));
  }
  return {};
}

Result<void> MakeCgroups(Launch& launch) {
  const bool with_shim = launch.cgroups.manager == cgroups::Manager::kSystemd;
  if (!launch.HasCgroups() || with_shim) return {};
  launch.shim_cgroup = TRY(MakeTaskCgroups(launch.context.hierarchy, launch.cgroups));
  return {};
}

Result<void> WritePlan(Launch& launch) {
  const std::string& id = launch.record.id;
  const std::string program = TRY(OwnProgram("berth"));
  launch.plan = {.task_id = id,
                 .events = launch.paths().Journal(id),
                 .control_socket = launch.paths().ControlSocket(id),
                 .seccomp_cache = launch.paths().SeccompCache(),
                 .cgroup_mount = launch.context.hierarchy.mount_point,
                 .finisher = {program, "--root", launch.paths().root, "--run-dir",
                              launch.paths().run, "--config", launch.paths().config, "finish", id}};
  const std::string cgroup = launch.cgroups.Name(launch.context.hierarchy);
  for (size_t i = 0; i < launch.containers().size(); ++i) {
    shim::ContainerPlan container = TRY(
        BuildContainerPlan(id, launch.definition(), i, launch.request.images[i], launch.paths()));
    container.seeds = launch.volumes[i].seeds;
    if (launch.HasCgroups()) container.cgroup = cgroup + "/" + container.name;
    launch.plan.containers.push_back(std::move(container));
  }
  TRY(shim::Journal::Make(launch.plan.events));
  return WriteNewFile(launch.paths().Plan(id), shim::EncodePlan(launch.plan), 0600);
}

Result<void> Announce(Launch& launch) {
  if (launch.request.announce) launch.request.announce(launch.record);
  return {};
}

Result<void> HandToShim(Launch& launch) {
  ShimStart start = {.plan = launch.paths().Plan(launch.record.id),
                     .cgroup_fd = launch.shim_cgroup.get(),
                     .log = launch.paths().Task(launch.record.id) + "/shim.log"};
  for (const Interface& interface : launch.interfaces) start.keep.push_back(interface.netns.fd());
  for (const net::HeldPort& port : launch.held_ports) start.keep.push_back(port.fd());
  return StartShim(start, [&](ProcessIdentity shim) -> Result<void> {
    if (launch.HasCgroups() && launch.cgroups.manager == cgroups::Manager::kSystemd) {
      TRY(MakeTaskScope(launch.context.hierarchy, launch.cgroups, static_cast<pid_t>(shim.pid)));
      TRY(FaultPoint("scope", "made"));
    }
    launch.record.phase = Phase::kLive;
    launch.record.owner = shim;
    return launch.context.state.SetLive(launch.record.id, shim);
  });
}

constexpr Step<Launch> kSteps[] = {
    {"plan cgroups", PlanCgroups},
    {"check limits", CheckLimits},
    {"reserve", Reserve},
    {"hold ports", HoldPorts},
    {"make directories", MakeDirectories},
    {"attach network", MakeInterfaces},
    {"write bundles", WriteBundles},
    {"make cgroups", MakeCgroups},
    {"write plan", WritePlan},
    {"announce", Announce},
    {"start shim", HandToShim},
};

}  // namespace

Result<TaskRecord> LaunchTask(AgentContext& context, LaunchRequest request) {
  const uint64_t start_time = TRY(ProcessStartTime(::getpid()));
  TaskRecord record = {.id = request.id.empty() ? RandomHex(16) : request.id,
                       .name = request.name,
                       .owner = {.pid = ::getpid(), .start_time = static_cast<int64_t>(start_time)},
                       .definition = ecs::DumpTaskDefinition(request.definition),
                       .created = Now()};
  Launch launch = {.context = context, .request = std::move(request), .record = std::move(record)};
  auto launched =
      RunSteps<Launch>("launch", kSteps, launch).Context("run task {}", launch.record.name);
  if (launched) return launch.record;
  // What was not reserved was not made either: then this finds nothing to do.
  const auto removed = RemoveTask(context, launch.record);
  if (!removed) launch.request.warn(removed.error().message());
  return launched.error();
}

}  // namespace berth::agent
