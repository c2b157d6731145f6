// From the records to what is sent to an agent.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "ecs/wire/acs_message.h"
#include "scheduler/identity/session_mint.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

enum class RoleKind { kTask, kExecution };

/// TaskApplication and TaskExecution: their names on the wire.
std::string_view WireName(RoleKind kind);

struct MintedCredentials {
  ecs::wire::RoleCredentials wire;
  WallTime expiration;
};

class PayloadBuilder {
 public:
  /// `lifetime`: how long credentials are good for.
  PayloadBuilder(const World& world, const SessionMint& mint, std::chrono::seconds lifetime)
      : world_(world), mint_(mint), lifetime_(lifetime) {}

  /// The task as a payload has it, with fresh credentials. Of one that is to stop, what names it
  /// and says so. Errors: its definition is gone, or can't be read.
  Result<ecs::wire::AcsTask> Task(const TaskRecord& record, WallTime now) const;

  /// Fresh credentials under the task's own id; nothing if it has no such role.
  std::optional<MintedCredentials> Credentials(const TaskRecord& record, RoleKind kind,
                                               WallTime now) const;

  /// All tasks of the instance that are not to stop, as agents should know them.
  std::vector<ecs::wire::TaskIdentifier> Manifest(const std::string& instance_key) const;

 private:
  const World& world_;
  const SessionMint& mint_;
  std::chrono::seconds lifetime_;
};

}  // namespace berth::scheduler
