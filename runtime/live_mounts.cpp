#include "runtime/live_mounts.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "base/clone.h"
#include "base/fd_passing.h"
#include "base/sys.h"
#include "base/wire.h"
#include "runtime/mounts/file_system.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/process/user.h"
#include "runtime/rootless.h"

// Newer than the C library's headers (Linux 6.8).
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000U
#endif

namespace berth::runtime {
namespace {

constexpr size_t kLongestAnswer = 64 << 10;

Result<uint64_t> MountId(int fd) {
  struct statx info = {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_MNT_ID_UNIQUE, &info) < 0) {
    return ErrnoError("statx");
  }
  if ((info.stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)) != 0) return info.stx_mnt_id;
  return MakeError("this kernel does not tell mounts apart: Linux 5.8 does");
}

// What a visitor has of the host and of the container.
struct Visit {
  UniqueFd own_fds;  // /proc/self/fd in the host's procfs: the container's may be anything
  UniqueFd root;
};

using Deed = std::function<Result<std::vector<AddedMount>>(const Visit&)>;

Result<std::vector<AddedMount>> Inside(const RunningContainer& container, const Deed& deed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  // As for programs that join: nobody there may look into this process.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return ErrnoError("PR_SET_DUMPABLE");
  ::umask(0);
  Visit visit;
  visit.own_fds = TRY(sys::Open("/proc/self/fd", O_PATH | O_DIRECTORY));
  TRY(sys::Setns(container.pidfd, JoinableNamespaces(container.spec->linux_)));
  if (FindNamespace(container.spec->linux_, "user") != nullptr) {
    TRY(BecomeNamespaceRoot(Groups::kKeep));
  }
  visit.root = TRY(sys::Open("/", O_PATH | O_DIRECTORY));
  return deed(visit);
}

std::string Pack(const Result<std::vector<AddedMount>>& done) {
  WireWriter answer;
  answer.Number(done ? 0 : 1);
  answer.Number(done ? 0 : done.error().code());
  answer.Text(done ? "" : std::string_view(done.error().message()));
  answer.Number(done ? static_cast<int64_t>(done->size()) : 0);
  for (size_t i = 0; done && i < done->size(); ++i) {
    answer.Text((*done)[i].destination);
    answer.Number(static_cast<int64_t>((*done)[i].id));
  }
  return answer.Take();
}

Result<std::vector<AddedMount>> Unpack(const std::string& bytes) {
  WireReader answer(bytes);
  const bool failed = answer.Number() != 0;
  const auto code = static_cast<int>(answer.Number());
  std::string text = answer.Text();
  std::vector<AddedMount> mounts;
  for (int64_t count = answer.Number(); answer.ok() && count > 0; --count) {
    std::string destination = answer.Text();
    mounts.push_back({std::move(destination), static_cast<uint64_t>(answer.Number())});
  }
  if (!answer.ok()) return MakeError("the process in the container has ended without an answer");
  if (failed) return Error(std::move(text), code);
  return mounts;
}

// Joining is for good, so a child does it.
Result<std::vector<AddedMount>> VisitAndDo(const RunningContainer& container, const Deed& deed) {
  auto [mine, its] = TRY(sys::SocketPair(SOCK_SEQPACKET));
  const pid_t visitor = TRY(sys::Clone({}));
  if (visitor == 0) {
    mine.Reset();
    static_cast<void>(SendMessage(its.get(), Pack(Inside(container, deed))));
    ::_exit(0);
  }
  its.Reset();
  auto answer = ReceiveMessage(mine.get(), kLongestAnswer);
  while (::waitpid(visitor, nullptr, 0) < 0 && errno == EINTR) {
  }
  return Unpack(TRY(std::move(answer)).bytes);
}

// umount2(2) knows paths alone: this one is the kernel's word for the descriptor.
Result<void> Detach(const Visit& visit, int mount) {
  if (::fchdir(visit.own_fds.get()) < 0) return ErrnoError("fchdir");
  const int failed = ::umount2(std::to_string(mount).c_str(), MNT_DETACH);
  const Error error = ErrnoError("unmount");
  if (::fchdir(visit.root.get()) < 0) return ErrnoError("fchdir");
  if (failed < 0) return error;
  return {};
}

Result<std::vector<AddedMount>> MakeAll(const Visit& visit, const Spec& spec,
                                        std::vector<PreparedMount>& prepared) {
  std::vector<AddedMount> added;
  std::vector<UniqueFd> made;
  const auto make = [&](PreparedMount& one) -> Result<void> {
    UniqueFd mount = TRY(MakeMount(visit.root.get(), spec, one));
    made.push_back(std::move(mount));
    const int fd = made.back().get();
    if (one.mount->type == "tmpfs") {
      TRY(sys::MountSetAttr(fd, false, one.options.set & MOUNT_ATTR_RDONLY, 0));
    }
    const uint64_t id = TRY(MountId(fd));
    added.push_back({one.mount->destination, id});
    return {};
  };
  for (PreparedMount& one : prepared) {
    auto done = make(one).Context("{}", one.mount->destination);
    if (done) continue;
    for (auto mount = made.rbegin(); mount != made.rend(); ++mount) {
      static_cast<void>(Detach(visit, mount->get()));
    }
    return std::move(done).error();
  }
  return added;
}

Result<UniqueFd> Find(const Visit& visit, const AddedMount& added) {
  UniqueFd there =
      TRY(OpenInRoot(visit.root.get(), NormalPath(added.destination), O_PATH, Symlinks::kFollow));
  if (TRY(MountId(there.get())) == added.id) return there;
  return Error("the mount that was added is not there any more", ENOENT);
}

Result<std::vector<AddedMount>> RemoveAll(const Visit& visit,
                                          const std::vector<AddedMount>& mounts) {
  std::vector<UniqueFd> found;
  for (const AddedMount& added : mounts) {
    found.push_back(TRY(Find(visit, added).Context("{}", added.destination)));
  }
  for (size_t i = 0; i < mounts.size(); ++i) {
    TRY(Detach(visit, found[i].get()).Context("{}", mounts[i].destination));
  }
  return std::vector<AddedMount>();
}

Result<void> CheckLiveMount(const Mount& mount) {
  const MountOptions options = TRY(ParseMountOptions(mount));
  if (!options.bind && mount.type != "tmpfs") {
    return MakeError("a bind mount or a tmpfs can come to a running container, no {}", mount.type);
  }
  if (options.remount || options.copy_link || options.copy_up || options.destination_link) {
    return MakeError(
        "remount, copy-symlink, dest-nofollow and tmpcopyup are for new containers alone");
  }
  for (const auto& [name, value] : options.data) {
    if (value.size() > 255) return MakeError("option \"{}\" is longer than 255 bytes", name);
  }
  return {};
}

}  // namespace

Result<void> CheckLiveMounts(const Linux& config, const std::vector<Mount>& mounts) {
  if (!HasNew(config, "mount")) {
    return MakeError("the container's mount namespace is one that it has joined: others' too");
  }
  if (NeedsLauncherInside(config)) {
    return MakeError("mounts of the host can be handed in by its root alone (CAP_SYS_ADMIN)");
  }
  for (size_t i = 0; i < mounts.size(); ++i) {
    TRY(CheckLiveMount(mounts[i]).Context("mounts[{}] {}", i, mounts[i].destination));
  }
  return {};
}

Result<std::vector<AddedMount>> AddMounts(const RunningContainer& container,
                                          const std::vector<Mount>& mounts) {
  TRY(CheckLiveMounts(container.spec->linux_, mounts));
  Spec spec = *container.spec;
  spec.mounts = mounts;
  UniqueFd users;
  if (FindNamespace(spec.linux_, "user") != nullptr) {
    users = TRY(sys::Open(fmt::format("/proc/{}/ns/user", container.pid), O_RDONLY));
  }
  auto prepared = TRY(PrepareMounts(spec, container.bundle, users.get()));
  return VisitAndDo(container, [&](const Visit& visit) { return MakeAll(visit, spec, prepared); });
}

Result<void> RemoveMounts(const RunningContainer& container,
                          const std::vector<AddedMount>& mounts) {
  TRY(VisitAndDo(container, [&](const Visit& visit) { return RemoveAll(visit, mounts); }));
  return {};
}

}  // namespace berth::runtime
