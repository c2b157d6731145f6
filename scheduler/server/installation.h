// What an installation has from its first start on: its identity, two users, the subnets and groups
// of its configuration.
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"
#include "scheduler/model/world.h"
#include "scheduler/server/config.h"

namespace berth::scheduler {

/// Makes what is not there yet, and brings subnets and groups to what the configuration says. A
/// subnet that is no longer configured stays while interfaces have addresses of it.
void PrepareInstallation(World& world, const SchedulerConfig& config, WallTime now);

/// Writes the keys of the users "operator" and "agent" to files of that name in `directory`, in the
/// form of an AWS credentials file (mode 0600), where they are missing. To be called once what
/// PrepareInstallation made is durable. Errors: those of the file system.
Result<void> WriteCredentials(const World& world, const std::string& directory);

}  // namespace berth::scheduler
