// What making a container and running a program in one have in common: the subject of their steps,
// the new process, and the steps that turn it into the program.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/steps.h"
#include "base/unique_fd.h"
#include "runtime/container.h"
#include "runtime/hooks/container_state.h"
#include "runtime/id_mappings.h"
#include "runtime/mounts/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/security_label.h"
#include "runtime/seccomp/seccomp.h"

namespace berth::runtime {

/// Whose rights the launcher has: the host's, or a user's in the container's user namespace.
enum class Rights { kHosts, kUsers };

/// One launch, from the request to the program. The child has a copy of all that the parent had
/// made before it was born.
struct Launch {
  // As asked for.
  const Spec* spec = nullptr;
  const Process* process = nullptr;
  std::string bundle;
  int root_fd = -1;
  Stdio stdio;
  int console_socket = -1;
  int cgroup_fd = -1;
  Parent parent = Parent::kCaller;
  OnParentDeath on_parent_death = OnParentDeath::kLive;
  std::string seccomp_cache;
  pid_t init = -1;  // Exec: the container's first process
  std::string id;
  int start_socket = -1;
  int preserve_fds = 0;
  int listen_fds = 0;
  SessionKeyring keyring = SessionKeyring::kNew;
  RootSwitch pivot = RootSwitch::kPivot;
  Rights rights = Rights::kHosts;
  int outer = -1;
  const HookStreams* hook_streams = nullptr;
  std::function<Result<void>(pid_t)> on_birth;

  // Made by the parent.
  CapabilitySets capabilities;
  std::optional<SeccompFilter> seccomp;
  UniqueFd seccomp_listener;  // the connection to who listens, if anybody does
  std::vector<PreparedMount> mounts;
  NamespaceVisit visit;                 // where the child is born
  UniqueFd mount_namespace;             // to join, if not a new one
  UniqueFd cgroup_namespace;            // to join, if the visit does not
  std::vector<IdMapping> uid_mappings;  // of the container's user namespace, if it has one
  UniqueFd init_pidfd;
  UniqueFd parent_socket;
  UniqueFd child_socket;
  pid_t grandparent = -1;  // the caller's parent when the child was born
  uint64_t ignored_signals = 0;
  pid_t child = -1;
  bool in_rdt_group = false;

  // The container's root: in Create made by the parent, in Exec found by the child.
  UniqueFd root;

  // Made by the child.
  SecurityLabels labels;  // only where the process has any
  pid_t host_pid = -1;    // its own number, as the launcher sees it; only where hooks want it
  std::vector<UniqueFd> read_only_later;
  UniqueFd terminal;
  std::vector<std::string> env;
};

/// What a new container's first process does, up to its program or its end.
void FirstProcess(Launch& launch);
/// Whether hooks have to run in the runtime's namespaces once the root is mounted.
bool HasRuntimeHooks(const Launch& launch);

/// As its hooks see it.
ContainerState StateOf(const Launch& launch, Status status, pid_t pid);

/// Create, in the namespaces that the caller is in. `outer` leads to a launcher outside of the
/// container's user namespace, if the caller is only its helper inside; or is -1.
Result<Created> CreateWith(const CreateRequest& request, int outer);

// The parent's steps.
Result<void> PrepareCapabilities(Launch& launch);
Result<void> PrepareSeccomp(Launch& launch);
Result<void> GivePipes(Launch& launch);
Result<void> ConnectHandshake(Launch& launch);

/// Makes the child, in new namespaces of `flags`, where `child` runs and never returns.
Result<void> BearChild(Launch& launch, uint64_t flags, void (*child)(Launch&));
/// After a failure: the child ends and, if it is ours, is reaped.
void AbandonChild(Launch& launch);
/// Waits until the child has nothing left to do but to execute its program.
Result<void> AwaitReady(const char* procedure, const Launch& launch);
/// Lets it, and waits until it has.
Result<void> StartProgram(int parent_socket);

/// The child's first step: nothing of the launcher's stays that its program could see or suffer
/// from.
Result<void> Detach(Launch& launch);
/// The child's last steps, once the namespaces and the root are the container's: waits to be
/// started and executes the program. Returns only with the reason why not.
Error BecomeProgram(const char* procedure, Launch& launch);

/// The end of a child that failed: tells why.
[[noreturn]] void EndChild(Launch& launch, const Error& error);

}  // namespace berth::runtime
