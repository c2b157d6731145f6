// The options that checkpoint and restore have in common, as crun and runc have them.
#pragma once

#include "runtime/checkpoint/criu_messages.h"
#include "runtime/checkpoint/images.h"
#include "runtime/cli/command.h"

namespace berth::runtime::cli {

/// --image-path (by default "checkpoint") and --work-path.
ImagePaths ReadImagePaths(const Arguments& arguments);

/// The others, as CRIU is told them.
Result<CriuOptions> ReadCriuOptions(const Arguments& arguments);

/// What depends on the container, as long as the options don't say it: CRIU makes cgroups that are
/// missing below the container's, which its configuration has set up, and changes nothing for a
/// container without one.
void AddFromContainer(CriuOptions& options, const Spec& spec, const CgroupRecord& cgroup);

/// CRIU can do neither for others.
Result<void> CheckIsRoot();

}  // namespace berth::runtime::cli
