#include "runtime/checkpoint/mount_points.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/sys.h"
#include "runtime/handshake.h"
#include "runtime/mounts/mounts.h"
#include "runtime/mounts/root.h"

namespace berth::runtime {
namespace {

// --- Places for mounts ---

bool IsBelow(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

// The mount that is hidden by none after it and covers `path`.
const PreparedMount* CoverOf(const std::vector<PreparedMount>& mounts, size_t count,
                             const std::string& path) {
  const PreparedMount* cover = nullptr;
  for (size_t i = 0; i < count; ++i) {
    if (IsBelow(path, NormalPath(mounts[i].mount->destination))) cover = &mounts[i];
  }
  return cover;
}

Result<void> MakePlace(int root, const PreparedMount& prepared) {
  const MountPoint place = TRY(PlaceOfMount(root, prepared));
  return prepared.source ? sys::MoveMount(prepared.source.get(), place.fd.get()) : Result<void>();
}

// In a mount namespace of its own, which ends with the process: there the bind mounts are made, for
// the places of what is mounted in them.
Result<void> MakePlaces(const Spec& spec, const std::string& bundle) {
  const auto mounts = TRY(PrepareMounts(spec, bundle, -1));
  const UniqueFd root = TRY(OpenRoot(spec, bundle, -1));
  TRY(AttachRoot(root.get()));
  for (size_t i = 0; i < mounts.size(); ++i) {
    const PreparedMount& prepared = mounts[i];
    if (prepared.options.remount || prepared.link) continue;
    const std::string path = NormalPath(prepared.mount->destination);
    const PreparedMount* cover = CoverOf(mounts, i, path);
    if (cover != nullptr && !cover->options.bind) continue;
    TRY(MakePlace(root.get(), prepared).Context("{}", prepared.mount->destination));
  }
  return {};
}

[[noreturn]] void MakePlacesAndEnd(int socket, const Spec& spec, const std::string& bundle) {
  const auto made = MakePlaces(spec, bundle);
  if (made) {
    static_cast<void>(Tell(socket, Word::kReady));
  } else {
    TellFailure(socket, made.error());
  }
  ::_exit(0);
}

}  // namespace

Result<void> MakeMountPoints(const Spec& spec, const std::string& bundle) {
  auto [mine, its] = TRY(sys::SocketPair(SOCK_SEQPACKET));
  const pid_t pid = TRY(sys::Clone({.flags = CLONE_NEWNS}));
  if (pid == 0) MakePlacesAndEnd(its.get(), spec, bundle);
  its.Reset();
  auto made = Await(mine.get(), Word::kReady);
  ::waitpid(pid, nullptr, 0);
  return std::move(made).Context("mounts");
}

// --- The root ---

Result<RootVisit> RootVisit::Enter(const Spec& spec, const std::string& bundle,
                                   const std::string& rootfs) {
  UniqueFd back = TRY(sys::Open("/proc/self/ns/mnt", O_RDONLY));
  UniqueFd directory = TRY(sys::Open(".", O_PATH | O_DIRECTORY));
  TRY(sys::Unshare(CLONE_NEWNS));
  RootVisit visit(std::move(back), std::move(directory));
  // It still follows what the host unmounts, but tells it nothing.
  TRY(sys::Mount("", "/", nullptr, MS_REC | MS_SLAVE, ""));
  const UniqueFd root = TRY(OpenRoot(spec, bundle, -1));
  const UniqueFd place = TRY(sys::Open(rootfs, O_PATH | O_DIRECTORY));
  TRY(sys::MoveMount(root.get(), place.get()));
  return visit;
}

RootVisit::~RootVisit() { static_cast<void>(Leave()); }

Result<void> RootVisit::Leave() {
  if (!back_) return {};
  TRY(sys::Setns(back_.get(), CLONE_NEWNS).Context("return to the own mount namespace"));
  back_.Reset();
  if (::fchdir(directory_.get()) < 0) return ErrnoError("return to the working directory");
  return {};
}

}  // namespace berth::runtime
