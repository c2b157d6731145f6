// AcsSession: one agent's connection for orders.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "base/http/io_loop.h"
#include "base/http/websocket.h"
#include "ecs/wire/acs_message.h"
#include "scheduler/agents/due.h"
#include "scheduler/agents/payload.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

struct SessionTimes {
  /// Agents hang up after 60 to 120 s without a word (ecs-agent's figure).
  std::chrono::milliseconds heartbeat{30'000};
  /// How long an acknowledgment may take until the same is told again.
  std::chrono::milliseconds resend{10'000};
  /// Heartbeats in a row without an answer before the connection is dropped.
  int missed_heartbeats = 3;
  /// How long before their end credentials are renewed.
  std::chrono::seconds renewal{3600};
  /// How long an agent has to find a new interface.
  std::chrono::milliseconds attachment_wait{300'000};
};

/// Answers heartbeats, tells what is due, and notes what is acknowledged. Belongs to the loop's
/// thread.
class AcsSession : public std::enable_shared_from_this<AcsSession> {
 public:
  struct Setup {
    http::IoLoop& loop;
    World& world;
    const PayloadBuilder& payloads;
    SessionTimes times;
    std::string instance_key;
    std::shared_ptr<http::WebSocket> socket;
    /// The agent asks for the credentials of all its tasks: it has just started.
    bool send_credentials = false;
  };

  explicit AcsSession(Setup setup);

  /// Begins: credentials if asked for, the manifest, then what is due. `ended` is called last.
  void Start(std::function<void()> ended);
  /// Tells what is due now and was not told yet.
  void Reconcile();
  /// Drops the connection: another one has taken its place, or the instance is gone.
  void Close(std::string_view reason);

  const std::string& instance_key() const { return setup_.instance_key; }

 private:
  enum class Kind { kAttachment, kPayload, kCredentials, kManifest, kHeartbeat };
  struct InFlight {
    Kind kind;
    std::vector<std::string> starts;  // or the one task of an attachment or of credentials
    std::vector<std::string> stops;
    WallTime credentials_expire;
    std::chrono::steady_clock::time_point sent;
  };

  const InstanceRecord* Instance() const;
  void Send(const std::string& message_id, ecs::wire::AcsOrder order, InFlight in_flight);
  void SendAttachment(const std::string& task_key);
  void SendPayload(const Due& due);
  void SendCredentials(const std::string& task_key, RoleKind kind);
  void SendManifest();
  void Beat();
  void Resend();

  void Received(const std::string& frame);
  void Acknowledged(const std::string& message_id);
  void CredentialsAcknowledged(const ecs::wire::IAMRoleCredentialsAckRequest& ack);
  bool AwaitsCredentials(const std::string& task_key, const std::string& besides) const;
  void VerifyStops(const ecs::wire::TaskStopVerificationMessage& message);
  void Forget(const InFlight& in_flight);

  Setup setup_;
  Told told_;
  std::map<std::string, InFlight> in_flight_;  // by message id
  std::string manifest_id_;                    // whose stops may be verified, once
  http::Timer heartbeat_;
  http::Timer resend_;
  std::function<void()> ended_;
  int unanswered_heartbeats_ = 0;
  bool open_ = true;
};

}  // namespace berth::scheduler
