#include "net/cni/container_netns.h"

#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

namespace berth::net::cni {
namespace {

bool SameFile(int a, int b) {
  struct stat one {};
  struct stat other {};
  return ::fstat(a, &one) == 0 && ::fstat(b, &other) == 0 && one.st_dev == other.st_dev &&
         one.st_ino == other.st_ino;
}

}  // namespace

Answer<Netns> OpenContainerNetns(const std::string& path) {
  auto netns = Netns::Open(path);
  if (!netns) {
    return Fail(netns.error().Is(ENOENT) ? Code::kUnknownContainer : Code::kInvalidEnvironment,
                fmt::format("CNI_NETNS: {}", netns.error().message()));
  }
  // A runtime that has unmounted a namespace's name may have left the file.
  if (::ioctl(netns->fd(), NS_GET_NSTYPE) != CLONE_NEWNET) {
    return Fail(Code::kInvalidEnvironment,
                fmt::format("CNI_NETNS: {} is no network namespace", path));
  }
  const Netns host = TRY_OR(Code::kFailed, Netns::Current());
  if (SameFile(netns->fd(), host.fd())) {
    return Fail(Code::kInvalidEnvironment,
                fmt::format("CNI_NETNS: {} is the host's own network namespace", path));
  }
  return *std::move(netns);
}

}  // namespace berth::net::cni
