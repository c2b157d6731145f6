// A running container's processes, written to a directory of images.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/checkpoint/criu_messages.h"
#include "runtime/checkpoint/images.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// kMemory writes memory alone, for a later checkpoint to be short: it names these images as its
/// parent. The container goes on.
enum class DumpKind { kAll, kMemory };

struct DumpRequest {
  DumpKind kind = DumpKind::kAll;
  CriuOptions options;  // as the caller wants it; what follows from the container is added
  ImagePaths images;
  const Spec* spec = nullptr;
  pid_t init = -1;     // first process of the running container
  std::string rootfs;  // its root, absolute
  std::string cgroup;  // its cgroup's directory, to freeze it by; empty: it has none of its own
  std::vector<std::string> streams;  // DescribeStreams, of when it was created
  int status_fd = -1;                // gets a zero byte once pages can be asked for (lazy_pages)
};

/// Unless options.leave_running, CRIU has killed the container's processes when this returns. On
/// failure they go on.
Result<void> Dump(const DumpRequest& request);

}  // namespace berth::runtime
