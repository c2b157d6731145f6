// The namespaces a container is born in (namespaces(7)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// CLONE_NEWPID for "pid" and so on, by the specification's names; 0 if it has no such type or we
/// don't do it.
uint64_t NamespaceFlag(std::string_view type);

/// The namespace of that type, or null if the container shares the host's.
const Namespace* FindNamespace(const Linux& config, std::string_view type);
/// True if the container gets a namespace of that type of its own, made for it.
bool HasNew(const Linux& config, std::string_view type);

/// Flags for clone3(2): the namespaces to be born in. A new time namespace is not among them, as
/// its clocks are set before anybody is in it: that is NamespaceVisit's. The child unshares two of
/// them later itself:
/// - cgroup, always: its root is the cgroup of whoever makes it, and clone3 would take the caller's
///   even with CLONE_INTO_CGROUP;
/// - ipc, with a new user namespace: its message queues belong to whoever makes it, who should be a
///   user that exists there.
uint64_t NewNamespaces(const Linux& config);
/// Flags for setns(2) with a pidfd: all namespaces of the container but the pid namespace, which
/// only a process's children ever join.
int JoinableNamespaces(const Linux& config);

/// Opens the namespace of that type to join; an empty descriptor if it is a new one or the
/// caller's.
Result<UniqueFd> NamespaceToJoin(const Linux& config, std::string_view type);

/// The calling thread's stay in namespaces that are not its own. A process made meanwhile is born
/// in them: nobody needs to join after the fact, when a new user namespace would forbid it, and a
/// pid namespace needs no process in between.
class NamespaceVisit {
 public:
  NamespaceVisit() = default;
  NamespaceVisit(NamespaceVisit&&) = default;
  NamespaceVisit& operator=(NamespaceVisit&&) = default;
  ~NamespaceVisit() { static_cast<void>(Leave()); }

  /// Opens the namespaces of `config` that have a path, and checks that each is of its type. Not
  /// among them are a mount namespace, as it would bring a root of its own, and, without a user
  /// namespace, a cgroup namespace: they are joined by the child (NamespaceToJoin). A new time
  /// namespace is made on entering.
  static Result<NamespaceVisit> Prepare(const Linux& config);
  /// The pid namespace of a running process.
  static Result<NamespaceVisit> PreparePidNamespace(int pidfd);

  /// Leaves the thread where it is, for a caller who ends soon and may not have the right to
  /// return.
  void StayThere() { returns_ = false; }
  /// Goes by way of the user namespace of that process: for callers with rights only there.
  Result<void> GoByUserNamespace(int pidfd);
  /// The user namespace to join, or -1. From there is no way back: only a process that nobody needs
  /// any more may enter.
  int user_namespace() const { return user_.get(); }
  /// Whether a cgroup namespace is entered. Where these are borders of delegation ("nsdelegate" in
  /// cgroup-v2.rst) nobody can be born from inside of one in a cgroup outside of it.
  bool InOtherCgroups() const;

  /// Whether a thread that enters has to stay, by the user namespace or for want of a right over
  /// the namespaces it comes from: root of a user namespace has none over the host's.
  bool HasNoWayBack() const;

  Result<void> Enter();
  /// Back to where the thread was before. Done at the end of the scope too.
  Result<void> Leave();

 private:
  struct Place {
    std::string name;
    int type = 0;
    std::string clocks = {};  // of a time namespace, which is made on entering it
    UniqueFd there = {};      // none: a new one
    UniqueFd back;
    bool inside = false;
  };
  static Result<void> EnterPlace(Place& place);

  std::vector<Place> places_;
  UniqueFd user_;
  bool returns_ = true;
};

}  // namespace berth::runtime
