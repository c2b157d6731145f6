#include "runtime/rootless.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clone.h"
#include "base/fd_passing.h"
#include "base/sys.h"
#include "base/wire.h"
#include "runtime/handshake.h"
#include "runtime/hooks/hooks.h"
#include "runtime/id_mappings.h"
#include "runtime/launch.h"
#include "runtime/launcher_answer.h"
#include "runtime/namespaces.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/user.h"

namespace berth::runtime {
namespace {

constexpr char kHooks = 'h';  // begins the message that asks for them: number of the process

Result<void> RunRuntimeHooksFor(const CreateRequest& request, pid_t pid) {
  const ContainerState state = {.id = request.id,
                                .status = Status::kCreating,
                                .pid = pid,
                                .bundle = request.bundle,
                                .annotations = request.spec->annotations};
  return RunRuntimeHooks(request.spec->hooks, state, *request.hook_streams);
}

// Does what the process inside asks for, until it answers.
Result<FdMessage> AwaitAnswer(int socket, const CreateRequest& request) {
  for (;;) {
    FdMessage message = TRY(ReceiveMessage(socket, kMostOfAnswer));
    if (message.bytes.empty() || message.bytes[0] != kHooks) return message;
    WireReader asked(std::string_view(message.bytes).substr(1));
    const auto pid = static_cast<pid_t>(asked.Number());
    TRY(asked.Finish());
    if (const auto run = RunRuntimeHooksFor(request, pid); !run) {
      TellFailure(socket, run.error());
    } else {
      TRY(Tell(socket, Word::kHooked));
    }
  }
}

Result<Created> CreateInside(const CreateRequest& request, int socket, int userns) {
  if (userns < 0) {
    TRY(Await(socket, Word::kMapped));
  } else {
    TRY(sys::Setns(userns, CLONE_NEWUSER).Context("join user namespace"));
    TRY(sys::Unshare(CLONE_NEWNS));
  }
  TRY(BecomeNamespaceRoot(GroupsOf(*request.spec)));
  // From here the container is one without a user namespace of its own.
  Spec spec = *request.spec;
  std::erase_if(spec.linux_.namespaces, [](const Namespace& ns) { return ns.type == "user"; });
  spec.linux_.uidMappings.clear();
  spec.linux_.gidMappings.clear();
  CreateRequest inside = request;
  inside.spec = &spec;
  inside.parent = Parent::kCallersParent;
  inside.on_birth = nullptr;  // the caller's memory is out there
  return CreateWith(inside, socket);
}

}  // namespace

bool NeedsLauncherInside(const Linux& config) {
  if (FindNamespace(config, "user") == nullptr) return false;
  const auto rights = PermittedCapabilities();
  const auto needed = CapabilityBits({"CAP_SYS_ADMIN"});
  return rights && needed && (*rights & *needed) == 0;
}

Result<Created> CreateFromInside(const CreateRequest& request) {
  const Linux& config = request.spec->linux_;
  TRY(CheckIdMappings(config));
  const UniqueFd userns = TRY(NamespaceToJoin(config, "user"));
  if (userns) TRY(CheckJoinedIdMaps(config, TRY(IdMapsOfNamespace(userns.get()))));
  auto [mine, its] = TRY(sys::SocketPair(SOCK_SEQPACKET));
  uint64_t flags = userns ? 0 : CLONE_NEWUSER | CLONE_NEWNS;
  const bool is_ours = request.parent == Parent::kCaller;
  if (!is_ours) flags |= CLONE_PARENT;
  const pid_t launcher = TRY(sys::Clone({.flags = flags}));
  if (launcher == 0) {
    mine.Reset();
    const auto told = SendAnswer(its.get(), CreateInside(request, its.get(), userns.get()));
    ::_exit(told ? 0 : 1);
  }
  its.Reset();
  const Cleanup end([&mine = mine, launcher, is_ours] {
    mine.Reset();  // it ends if it still waits for its mappings
    while (is_ours && ::waitpid(launcher, nullptr, 0) < 0 && errno == EINTR) {
    }
  });
  if (!userns) {
    TRY(WriteIdMappings(launcher, config));
    TRY(Tell(mine.get(), Word::kMapped));
  }
  Created created =
      TRY(ReadAnswer(TRY(AwaitAnswer(mine.get(), request)), "in the container's user namespace"));
  if (!request.on_birth) return created;
  auto welcome = request.on_birth(created.pid);
  if (welcome) return created;
  created.start.Reset();  // it ends
  while (is_ours && ::waitpid(created.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  return std::move(welcome).error();
}

Result<void> AskForRuntimeHooks(int outer, pid_t pid) {
  WireWriter asked;
  asked.Number(pid);
  TRY(SendMessage(outer, kHooks + asked.Take()));
  return Await(outer, Word::kHooked);
}

}  // namespace berth::runtime
