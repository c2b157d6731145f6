#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "agent/doctor/findings.h"
#include "agent/doctor/trial.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::doctor {
namespace {

struct Version {
  int major = 0;
  int minor = 0;
  auto operator<=>(const Version&) const = default;
};
constexpr Version kNeeded = {5, 15};
constexpr Version kComplete = {6, 7};  // overlayfs takes its layers one by one ("lowerdir+")

// The two numbers that start "6.1.0-13-amd64"; 0.0 if there are none.
Version ParseVersion(std::string_view release) {
  const auto parts = Split(release, '.');
  if (parts.size() < 2) return {};
  const std::string_view minor = parts[1];
  const size_t end = std::min(minor.find_first_not_of("0123456789"), minor.size());
  return {.major = ParseInteger<int>(parts[0]).value_or(0),
          .minor = ParseInteger<int>(minor.substr(0, end)).value_or(0)};
}

Finding ExamineVersion() {
  utsname names;
  return KernelVersion(::uname(&names) == 0 ? names.release : "");
}

// -- system calls
// -----------------------------------------------------------------------------------

Result<void> TryMountApi() {
  const UniqueFd fs = TRY(sys::FsOpen("tmpfs"));
  TRY(sys::FsConfigCreate(fs.get()));
  const UniqueFd mount = TRY(sys::FsMount(fs.get(), 0));
  return sys::MountSetAttr(mount.get(), false, MOUNT_ATTR_RDONLY, 0);
}

Result<void> TryOpenat2() {
  TRY(sys::OpenAt2(AT_FDCWD, "/", O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
  return {};
}

Result<void> TryPidfd() {
  const UniqueFd self = TRY(sys::PidfdOpen(::getpid()));
  return sys::PidfdSendSignal(self.get(), 0);
}

Result<void> TrySeccompFilter() {
  sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  sock_fprog program = {.len = 1, .filter = &allow};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return ErrnoError("no_new_privs");
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
    return ErrnoError("seccomp");
  return {};
}

// -- overlayfs
// --------------------------------------------------------------------------------------

// In a mount namespace of its own: a tmpfs with what an overlay needs, as the working directory.
Result<void> MakeOverlayDirectories() {
  TRY(sys::Mount("tmpfs", "/tmp", "tmpfs", 0, ""));
  if (::chdir("/tmp") < 0) return ErrnoError("chdir /tmp");
  for (const char* name : {"low", "lower", "upper", "work", "merged"}) {
    TRY(sys::MkdirAt(AT_FDCWD, name, 0755));
  }
  return ReplaceFile("lower/file", "lower");
}

// A write through the overlay has to end in the upper directory.
Result<void> TryOverlay() {
  TRY(MakeOverlayDirectories());
  TRY(sys::Mount("overlay", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=work"));
  TRY(WriteControlFile(AT_FDCWD, "merged/file", "upper"));
  if (TRY(ReadFile("lower/file")) != "lower" || TRY(ReadFile("upper/file")) != "upper") {
    return MakeError("a write did not go to the upper directory");
  }
  return {};
}

Result<void> TryLayerByLayer() {
  TRY(MakeOverlayDirectories());
  const UniqueFd fs = TRY(sys::FsOpen("overlay"));
  TRY(sys::FsConfigString(fs.get(), "lowerdir+", "/tmp/low"));
  TRY(sys::FsConfigString(fs.get(), "lowerdir+", "/tmp/lower"));
  TRY(sys::FsConfigString(fs.get(), "upperdir", "/tmp/upper"));
  TRY(sys::FsConfigString(fs.get(), "workdir", "/tmp/work"));
  return sys::FsConfigCreate(fs.get());
}

// -- the table
// --------------------------------------------------------------------------------------

struct Ability {
  Verdict verdict;
  int namespaces;  // to try it in
  Result<void> (*attempt)();
};

Result<void> Nothing() { return {}; }

std::vector<Ability> Abilities() {
  const std::string newer = "run Linux 5.15 or newer";
  const auto config = [](std::string_view option) {
    return fmt::format("run a kernel built with {}", option);
  };
  const auto own = [&](const char* kind, int flag, State without, const char* option) {
    return Ability{
        {fmt::format("namespace.{}", kind), "can be made", without, config(option)}, flag, Nothing};
  };
  return {
      {{"mount-api", "fsopen, fsmount, mount_setattr", State::kMissing, newer}, 0, TryMountApi},
      {{"openat2", "resolves inside a root", State::kMissing, newer}, 0, TryOpenat2},
      {{"pidfd", "opens and signals", State::kMissing, newer}, 0, TryPidfd},
      {{"seccomp", "filters can be set", State::kMissing, config("CONFIG_SECCOMP_FILTER")},
       0,
       TrySeccompFilter},
      own("mount", CLONE_NEWNS, State::kMissing, "mount namespaces"),
      own("pid", CLONE_NEWPID, State::kMissing, "CONFIG_PID_NS"),
      own("network", CLONE_NEWNET, State::kMissing, "CONFIG_NET_NS"),
      own("ipc", CLONE_NEWIPC, State::kMissing, "CONFIG_IPC_NS"),
      own("uts", CLONE_NEWUTS, State::kMissing, "CONFIG_UTS_NS"),
      own("cgroup", CLONE_NEWCGROUP, State::kMissing, "CONFIG_CGROUPS"),
      own("user", CLONE_NEWUSER, State::kLimited, "CONFIG_USER_NS (user.max_user_namespaces > 0)"),
      {{"overlayfs", "mounted, written, read", State::kMissing, config("CONFIG_OVERLAY_FS")},
       CLONE_NEWNS,
       TryOverlay},
      {{"overlayfs.layers", "layers can be given one by one (lowerdir+)", State::kLimited,
        "run Linux 6.7 or newer for images of very many layers"},
       CLONE_NEWNS,
       TryLayerByLayer},
  };
}

}  // namespace

Finding KernelVersion(std::string_view release) {
  const Version version = ParseVersion(release);
  Finding finding = {.name = "kernel", .found = fmt::format("Linux {}", release)};
  if (version < kNeeded) {
    finding.state = State::kMissing;
    finding.change = "run Linux 5.15 or newer";
  } else if (version < kComplete) {
    finding.found += "; 6.7 and later can mount images of more layers";
  }
  return finding;
}

std::vector<Finding> KernelFindings() {
  std::vector<Finding> findings = {ExamineVersion()};
  for (const Ability& ability : Abilities()) {
    findings.push_back(Judge(ability.verdict, TryInChild(ability.namespaces, ability.attempt)));
  }
  return findings;
}

}  // namespace berth::doctor
