// A container's first process, from its birth to the process steps: the right side of the drawing
// in create.cpp.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/handshake.h"
#include "runtime/hooks/hooks.h"
#include "runtime/launch.h"
#include "runtime/mounts/devices.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/masked_paths.h"
#include "runtime/mounts/root.h"
#include "runtime/network/loopback.h"
#include "runtime/process/streams.h"
#include "runtime/process/sysctl.h"
#include "runtime/process/user.h"

namespace berth::runtime {
namespace {

Result<void> EnterUserNamespace(Launch& launch) {
  if (FindNamespace(launch.spec->linux_, "user") == nullptr) return {};
  if (HasNew(launch.spec->linux_, "user")) TRY(Await(launch.child_socket.get(), Word::kMapped));
  TRY(BecomeNamespaceRoot(GroupsOf(*launch.spec)));
  return HasNew(launch.spec->linux_, "ipc") ? sys::Unshare(CLONE_NEWIPC) : Result<void>();
}

// The specification has no word on it, but the callers of runc rely on it.
Result<void> Loopback(Launch& launch) {
  return HasNew(launch.spec->linux_, "network") ? SetLoopbackUp() : Result<void>();
}

Result<void> AwaitNetDevices(Launch& launch) {
  if (launch.spec->linux_.netDevices.empty()) return {};
  return Await(launch.child_socket.get(), Word::kMoved);
}

Result<void> EnterCgroupNamespace(Launch& launch) {
  if (launch.cgroup_namespace) {
    return sys::Setns(launch.cgroup_namespace.get(), CLONE_NEWCGROUP)
        .Context("join cgroup namespace");
  }
  if (!HasNew(launch.spec->linux_, "cgroup")) return {};
  return sys::Unshare(CLONE_NEWCGROUP);
}

Result<void> PutRoot(Launch& launch) { return AttachRoot(launch.root.get()); }

Result<void> Mounts(Launch& launch) {
  launch.read_only_later = TRY(MakeMounts(launch.root.get(), *launch.spec, launch.mounts));
  return {};
}

Result<void> Devices(Launch& launch) { return MakeDevices(launch.root.get(), *launch.spec); }

// As with Docker, a working directory that the image lacks is made.
Result<void> MakeWorkingDirectory(Launch& launch) {
  const std::string cwd = NormalPath(launch.process->cwd);
  if (!cwd.empty()) TRY(MakeDirectoryInRoot(launch.root.get(), cwd));
  return {};
}

Result<void> Terminal(Launch& launch) {
  if (!launch.process->terminal) return {};
  launch.terminal = TRY(MakeTerminal(launch.root.get(), launch.console_socket, *launch.process));
  return BindConsole(launch.root.get(), launch.terminal.get());
}

Result<void> Masks(Launch& launch) {
  return MaskPaths(launch.root.get(), launch.spec->linux_.maskedPaths);
}

Result<void> ReadOnlyPaths(Launch& launch) {
  return MakePathsReadOnly(launch.root.get(), launch.spec->linux_.readonlyPaths);
}

Result<void> Sysctls(Launch& launch) { return SetSysctls(launch.spec->linux_); }

Result<void> HostName(Launch& launch) {
  const Spec& spec = *launch.spec;
  if (!spec.hostname.empty() && ::sethostname(spec.hostname.data(), spec.hostname.size()) < 0) {
    return ErrnoError("set hostname {}", spec.hostname);
  }
  if (!spec.domainname.empty() &&
      ::setdomainname(spec.domainname.data(), spec.domainname.size()) < 0) {
    return ErrnoError("set domainname {}", spec.domainname);
  }
  return {};
}

Result<void> AwaitRuntimeHooks(Launch& launch) {
  if (!HasRuntimeHooks(launch)) return {};
  TRY(Tell(launch.child_socket.get(), Word::kHooks));
  return Await(launch.child_socket.get(), Word::kHooked);
}

Result<void> CreateContainerHooks(Launch& launch) {
  return RunHooks("createContainer", launch.spec->hooks.createContainer,
                  StateOf(launch, Status::kCreating, launch.host_pid), *launch.hook_streams);
}

Result<void> Seal(Launch& launch) {
  for (const UniqueFd& mount : launch.read_only_later) {
    TRY(sys::MountSetAttr(mount.get(), false, MOUNT_ATTR_RDONLY, 0));
  }
  return SealRoot(launch.root.get(), *launch.spec);
}

Result<void> Switch(Launch& launch) { return SwitchRoot(launch.root.get(), launch.pivot); }

constexpr Step<Launch> kChildSteps[] = {
    {"detach", Detach},
    {"user-namespace", EnterUserNamespace},
    {"loopback", Loopback},
    {"net-devices", AwaitNetDevices},
    {"cgroup-namespace", EnterCgroupNamespace},
    {"root", PutRoot},
    {"mounts", Mounts},
    {"devices", Devices},
    {"make-working-directory", MakeWorkingDirectory},
    {"terminal", Terminal},
    {"masked-paths", Masks},
    {"read-only-paths", ReadOnlyPaths},
    {"sysctls", Sysctls},
    {"hostname", HostName},
    {"runtime-hooks", AwaitRuntimeHooks},
    {"container-hooks", CreateContainerHooks},
    {"switch-root", Switch},
    {"seal-root", Seal},  // pivot_root refuses a shared mount
};

// In a mount namespace of others nothing is mounted; the root is a directory that is there.
Result<void> JoinMountNamespace(Launch& launch) {
  TRY(sys::Setns(launch.mount_namespace.get(), CLONE_NEWNS).Context("join mount namespace"));
  const UniqueFd top = TRY(sys::Open("/", O_PATH | O_DIRECTORY));
  const std::string path = InBundle(launch.bundle, launch.spec->root.path);
  launch.root = TRY(OpenInRoot(top.get(), NormalPath(path), O_PATH | O_DIRECTORY)
                        .Context("root.path, in the mount namespace that is joined"));
  return {};
}

Result<void> JoinedTerminal(Launch& launch) {
  if (!launch.process->terminal) return {};
  launch.terminal = TRY(MakeTerminal(launch.root.get(), launch.console_socket, *launch.process));
  return {};
}

Result<void> ChangeRoot(Launch& launch) {
  return SwitchRoot(launch.root.get(), RootSwitch::kChroot);
}

constexpr Step<Launch> kJoiningChildSteps[] = {
    {"detach", Detach},
    {"user-namespace", EnterUserNamespace},
    {"loopback", Loopback},
    {"net-devices", AwaitNetDevices},
    {"cgroup-namespace", EnterCgroupNamespace},
    {"mount-namespace", JoinMountNamespace},
    {"terminal", JoinedTerminal},
    {"sysctls", Sysctls},
    {"hostname", HostName},
    {"runtime-hooks", AwaitRuntimeHooks},
    {"container-hooks", CreateContainerHooks},
    {"switch-root", ChangeRoot},
};

Error RunChild(Launch& launch) {
  auto inside = launch.mount_namespace
                    ? RunSteps<Launch>("runtime.joining-child", kJoiningChildSteps, launch)
                    : RunSteps<Launch>("runtime.child", kChildSteps, launch);
  if (!inside) return std::move(inside).error();
  return BecomeProgram("runtime.child", launch);
}

}  // namespace

void FirstProcess(Launch& launch) { EndChild(launch, RunChild(launch)); }

bool HasRuntimeHooks(const Launch& launch) {
  const Hooks& hooks = launch.spec->hooks;
  return !hooks.prestart.empty() || !hooks.createRuntime.empty();
}

}  // namespace berth::runtime
