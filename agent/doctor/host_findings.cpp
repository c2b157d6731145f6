#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "agent/doctor/findings.h"
#include "base/files.h"
#include "base/text.h"
#include "systemd/host.h"

namespace berth::doctor {
namespace {

constexpr uint64_t kEnoughSpace = uint64_t{1} << 30;

Finding ExamineSystemd() {
  if (!systemd::Booted()) {
    return {.name = "systemd", .found = "not the system manager here; berth run does not need it"};
  }
  return {.name = "systemd", .found = "version " + systemd::Version().value_or("unknown")};
}

// The directory itself, or what of the way to it is there.
std::string NearestExisting(std::string path) {
  while (!Exists(path) && path.size() > 1) {
    const size_t slash = path.find_last_of('/');
    if (slash == std::string::npos) return ".";
    path.resize(std::max<size_t>(slash, 1));
  }
  return path;
}

// Layers on an overlay can't be lower directories of another that is written to; network file
// systems lack what overlayfs asks of an upper directory.
bool CanHoldLayers(const std::string& path) {
  constexpr long kNfs = 0x6969;
  struct statfs info;
  if (::statfs(path.c_str(), &info) < 0) return false;
  return info.f_type != OVERLAYFS_SUPER_MAGIC && info.f_type != kNfs;
}

Finding ExamineSpace(const std::string& root) {
  const std::string path = NearestExisting(root);
  struct statvfs info;
  if (::statvfs(path.c_str(), &info) < 0) {
    return {.name = "storage",
            .state = State::kMissing,
            .found = ErrnoError("{}", path).message(),
            .change = fmt::format("make {} accessible", root)};
  }
  const uint64_t free = uint64_t{info.f_bavail} * info.f_frsize;
  Finding finding = {.name = "storage",
                     .found = fmt::format("{} free for {}", HumanSize(free), root)};
  if (!CanHoldLayers(path)) {
    finding.state = State::kMissing;
    finding.found += ", on a file system that overlayfs can't build on";
    finding.change = fmt::format("mount ext4, XFS or btrfs on {}", root);
  } else if (free < kEnoughSpace) {
    finding.state = State::kLimited;
    finding.change = "free some space: images need room for their layers, unpacked";
  }
  return finding;
}

}  // namespace

Finding ResolverFinding(const std::string& program) {
  Finding finding = {.name = "resolver"};
  if (::access(program.c_str(), X_OK) == 0) {
    finding.found = program + " can tell tasks each other's names";
    return finding;
  }
  finding.state = State::kLimited;
  finding.found =
      fmt::format("there is no {}: tasks ask the host's DNS servers, and have no names", program);
  finding.change = "apt-get install unbound; its own service may stay off; then restart berthd";
  return finding;
}

std::vector<Finding> HostFindings(const Options& options) {
  return {ExamineSystemd(), ResolverFinding("/usr/sbin/unbound"), ExamineSpace(options.root)};
}

}  // namespace berth::doctor
