#include "runtime/checkpoint/dump.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sys.h"
#include "runtime/checkpoint/criu.h"
#include "runtime/checkpoint/outside.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

constexpr const char* kDumpLog = "dump.log";

// CRIU takes it for a path below the images, and would otherwise save all of the memory anew
// without a word.
Result<void> CheckParent(const std::string& parent, int images) {
  if (parent.empty()) return {};
  if (parent.starts_with('/')) {
    return MakeError("--parent-path {}: must be relative to the images, like ../first", parent);
  }
  struct stat info;
  if (::fstatat(images, parent.c_str(), &info, 0) < 0)
    return ErrnoError("--parent-path {}", parent);
  if (!S_ISDIR(info.st_mode)) return MakeError("--parent-path {}: is not a directory", parent);
  return {};
}

// What the images are to be without. The names of files among it.
Result<std::vector<std::string>> LeaveOut(const DumpRequest& request, CriuOptions& options) {
  options.ext_mnt = TRY(MountsOutside(*request.spec, request.init));
  options.external = TRY(NamespacesOutside(*request.spec));
  std::vector<std::string> streams = request.streams;
  auto files = TRY(StreamsOutside(streams, request.init));
  options.external.insert(options.external.end(), files.begin(), files.end());
  TRY(WriteDescriptors(request.images.images, streams));
  return files;
}

Result<void> AnswerWhileDumping(const DumpRequest& request, const CriuNotification& notification) {
  if (notification.script != "status-ready" || request.status_fd < 0) return {};
  return sys::WriteAll(request.status_fd, std::string_view("\0", 1)).Context("--status-fd");
}

}  // namespace

Result<void> Dump(const DumpRequest& request) {
  CriuOptions options = request.options;
  const bool all = request.kind == DumpKind::kAll;
  const ImageDirectories directories = TRY(MakeImageDirectories(request.images, kDumpLog));
  directories.Tell(options);
  TRY(CheckParent(options.parent_img, directories.images.get()));
  options.pid = request.init;
  options.root = request.rootfs;
  options.freeze_cgroup = request.cgroup;
  options.track_mem = !all || !options.parent_img.empty();
  options.notify_scripts = true;
  options.orphan_pts_master = true;  // a terminal's other side is with the caller
  // Interfaces are whoever's who gave them to the container: with crun and runc too.
  if (HasNew(request.spec->linux_, "network")) options.empty_ns = CLONE_NEWNET;
  std::vector<std::string> files;
  if (all) files = TRY(LeaveOut(request, options));
  Criu criu = TRY(Criu::Start({}));
  TRY(criu.Do({.type = all ? CriuRequestType::kDump : CriuRequestType::kSinglePreDump,
               .options = options,
               .log = directories.log,
               .notified = [&](const CriuNotification& notification) {
                 return AnswerWhileDumping(request, notification);
               }}));
  return files.empty() ? Result<void>() : ReplaceSavedFiles(request.images.images, files);
}

}  // namespace berth::runtime
