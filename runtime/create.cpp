// A new container.
//
//        launcher                                  first process
//        --------                                  -------------
//   checks, capabilities, root,
//   join, mounts, seccomp, pipes, handshake
//   clone ------------------------------------->   born in its new and joined namespaces
//   id-mappings --- "mapped" (user ns only) --->   detach, user-namespace, loopback
//   net-devices --- "moved" (if any) ---------->   net-devices
//   rdt, oom-score, birth                          cgroup-namespace, root, mounts, devices, ...
//                                                  switch-root, then the process steps
//   ready <------------- "ready" ---------------   ready
//   Create returns
//
//   Start: -------------- "start" ------------->   startContainer hooks, no_new_privs, seccomp
//          <---- execve closes the socket ------   the program
//
// A container with prestart or createRuntime hooks says "hooks" when its root is mounted, and goes
// on at "hooked". One with a start_socket hears "keep" instead of "start" and may then be left
// alone: it waits for whoever connects to that socket, and the rest is said there.
//
// In a user namespace to join, and sometimes in a cgroup namespace, the process is born by one that
// went there (BearFromInside in launch.cpp). In a mount namespace to join it takes fewer steps. The
// steps of the left side are here, those of the right side in first_process.cpp, the last of them
// in process_steps.cpp.
//
// At any moment the process can send a failure instead, and ends; a side that finds the other gone
// gives up. What needs the host's rights or files is opened before the process is made and handed
// over by descriptor; what needs the container's namespaces is done by the process, before it gives
// up its own rights.
#include <sched.h>

#include "base/sys.h"
#include "runtime/container.h"
#include "runtime/handshake.h"
#include "runtime/hooks/hooks.h"
#include "runtime/id_mappings.h"
#include "runtime/launch.h"
#include "runtime/mounts/root.h"
#include "runtime/network/net_devices.h"
#include "runtime/process/sysctl.h"
#include "runtime/rdt/intel_rdt.h"
#include "runtime/rootless.h"

namespace berth::runtime {
namespace {

// What would change the mounts of all who are in the namespace.
Result<void> CheckJoinedMounts(const Spec& spec, int root_fd) {
  const Linux& config = spec.linux_;
  const std::pair<const char*, bool> fields[] = {
      {"mounts", !spec.mounts.empty()},
      {"root.readonly", spec.root.readonly},
      {"linux.devices", !config.devices.empty()},
      {"linux.maskedPaths", !config.maskedPaths.empty()},
      {"linux.readonlyPaths", !config.readonlyPaths.empty()},
      {"linux.rootfsPropagation", !config.rootfsPropagation.empty()},
      {"root", root_fd >= 0},
  };
  for (const auto& [field, is_set] : fields) {
    if (!is_set) continue;
    return MakeError(
        "{}: can't be had in a mount namespace that is joined, whose mounts are others' "
        "too",
        field);
  }
  return {};
}

Result<void> Check(Launch& launch) {
  const Linux& config = launch.spec->linux_;
  if (FindNamespace(config, "mount") == nullptr) {
    return MakeError(
        "linux.namespaces: without a mount namespace the container's mounts would be "
        "the host's: add one of type mount");
  }
  if (!HasNew(config, "mount")) TRY(CheckJoinedMounts(*launch.spec, launch.root_fd));
  if (FindNamespace(config, "uts") == nullptr &&
      !(launch.spec->hostname.empty() && launch.spec->domainname.empty())) {
    return MakeError("hostname: would be the host's, as the container has no uts namespace");
  }
  if (!config.timeOffsets.empty() && !HasNew(config, "time")) {
    return MakeError("linux.timeOffsets: the container has no time namespace of its own");
  }
  TRY(CheckSecurityLabels(*launch.process, config));
  TRY(CheckIdMappings(config));
  return CheckSysctls(config);
}

Result<void> PrepareRoot(Launch& launch) {
  if (!HasNew(launch.spec->linux_, "mount")) return {};  // found by the process
  launch.root = TRY(OpenRoot(*launch.spec, launch.bundle, launch.root_fd));
  return {};
}

Result<void> PrepareJoins(Launch& launch) {
  const Linux& config = launch.spec->linux_;
  launch.visit = TRY(NamespaceVisit::Prepare(config));
  if (launch.rights == Rights::kUsers) launch.visit.StayThere();
  launch.mount_namespace = TRY(NamespaceToJoin(config, "mount"));
  if (FindNamespace(config, "user") == nullptr) {
    launch.cgroup_namespace = TRY(NamespaceToJoin(config, "cgroup"));
  }
  launch.uid_mappings = config.uidMappings;
  if (launch.visit.user_namespace() < 0) return {};
  IdMaps joined = TRY(IdMapsOfNamespace(launch.visit.user_namespace()));
  TRY(CheckJoinedIdMaps(config, joined));
  launch.uid_mappings = std::move(joined.uids);
  return {};
}

Result<void> PrepareMountSources(Launch& launch) {
  launch.mounts = TRY(PrepareMounts(*launch.spec, launch.bundle, launch.visit.user_namespace()));
  return {};
}

Result<void> Clone(Launch& launch) {
  return BearChild(launch, NewNamespaces(launch.spec->linux_), FirstProcess);
}

Result<void> MapIds(Launch& launch) {
  if (!HasNew(launch.spec->linux_, "user")) return {};
  TRY(WriteIdMappings(launch.child, launch.spec->linux_));
  return Tell(launch.parent_socket.get(), Word::kMapped);
}

Result<void> NetDevices(Launch& launch) {
  if (launch.spec->linux_.netDevices.empty()) return {};
  TRY(MoveNetDevices(launch.spec->linux_.netDevices, launch.child));
  return Tell(launch.parent_socket.get(), Word::kMoved);
}

Result<void> Rdt(Launch& launch) {
  const auto& config = launch.spec->linux_.intelRdt;
  if (!config) return {};
  TRY(JoinRdtGroup(*config, launch.id, launch.child));
  launch.in_rdt_group = true;
  return {};
}

Result<void> OomScore(Launch& launch) {
  if (!launch.process->oomScoreAdj || launch.rights == Rights::kUsers) return {};
  return SetOomScoreAdj(launch.child, *launch.process->oomScoreAdj);
}

Result<void> TellOfBirth(Launch& launch) {
  return launch.on_birth ? launch.on_birth(launch.child) : Result<void>();
}

Result<void> RuntimeHooks(Launch& launch) {
  if (!HasRuntimeHooks(launch)) return {};
  TRY(Await(launch.parent_socket.get(), Word::kHooks));
  if (launch.outer >= 0) {
    TRY(AskForRuntimeHooks(launch.outer, launch.child));
  } else {
    const ContainerState state = StateOf(launch, Status::kCreating, launch.child);
    TRY(RunRuntimeHooks(launch.spec->hooks, state, *launch.hook_streams));
  }
  return Tell(launch.parent_socket.get(), Word::kHooked);
}

constexpr Step<Launch> kParentSteps[] = {
    {"check", Check},
    {"capabilities", PrepareCapabilities},
    {"root", PrepareRoot},
    {"join", PrepareJoins},
    {"mounts", PrepareMountSources},
    {"seccomp", PrepareSeccomp},
    {"pipes", GivePipes},
    {"handshake", ConnectHandshake},
    {"clone", Clone},
    {"id-mappings", MapIds},
    {"net-devices", NetDevices},
    {"rdt", Rdt},
    {"oom-score", OomScore},
    {"birth", TellOfBirth},
    {"runtime-hooks", RuntimeHooks},
};

}  // namespace

Result<Created> Create(const CreateRequest& asked) {
  const HookStreams streams = TRY(OpenHookStreams(asked.spec->extensions));
  CreateRequest request = asked;
  request.hook_streams = &streams;
  return NeedsLauncherInside(request.spec->linux_) ? CreateFromInside(request)
                                                   : CreateWith(request, -1);
}

Result<Created> CreateWith(const CreateRequest& request, int outer) {
  Launch launch = {.spec = request.spec,
                   .process = &request.spec->process,
                   .bundle = request.bundle,
                   .root_fd = request.root_fd,
                   .stdio = request.stdio,
                   .console_socket = request.console_socket,
                   .cgroup_fd = request.cgroup_fd,
                   .parent = request.parent,
                   .on_parent_death = request.on_parent_death,
                   .seccomp_cache = request.seccomp_cache,
                   .id = request.id,
                   .start_socket = request.start_socket,
                   .preserve_fds = request.preserve_fds,
                   .listen_fds = request.listen_fds,
                   .keyring = request.keyring,
                   .pivot = request.pivot,
                   .rights = outer < 0 ? Rights::kHosts : Rights::kUsers,
                   .outer = outer,
                   .hook_streams = request.hook_streams,
                   .on_birth = request.on_birth};
  auto made = RunSteps<Launch>("runtime.parent", kParentSteps, launch);
  // Not a step: the failures of the process are told in its own words.
  if (made) made = AwaitReady("runtime.parent", launch);
  if (!made) {
    AbandonChild(launch);
    if (launch.in_rdt_group) {
      static_cast<void>(RemoveRdtGroup(*request.spec->linux_.intelRdt, request.id));
    }
    return std::move(made).error();
  }
  return Created{.pid = launch.child, .start = std::move(launch.parent_socket)};
}

Result<void> Start(Created& created) {
  const UniqueFd socket = std::move(created.start);
  return StartProgram(socket.get());
}

Result<void> Keep(Created& created) {
  const UniqueFd socket = std::move(created.start);
  return Tell(socket.get(), Word::kKeep);
}

Result<void> StartKept(UniqueFd connected) { return StartProgram(connected.get()); }

}  // namespace berth::runtime
