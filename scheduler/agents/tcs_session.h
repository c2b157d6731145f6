// TcsSession: one agent's connection for telemetry: metrics and health.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/http/io_loop.h"
#include "base/http/websocket.h"
#include "ecs/api_error.h"
#include "ecs/wire/tcs_message.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

/// Whether the signed headers of a frame are those of the agent that shook hands; the payload if
/// so.
using OpenFrame = std::function<ecs::ApiResult<std::string>(const std::string& frame)>;

class TcsSession : public std::enable_shared_from_this<TcsSession> {
 public:
  struct Setup {
    http::IoLoop& loop;
    World& world;
    std::string instance_key;
    std::shared_ptr<http::WebSocket> socket;
    OpenFrame open_frame;
    std::chrono::milliseconds heartbeat{30'000};
  };

  explicit TcsSession(Setup setup) : setup_(std::move(setup)) {}

  void Start(std::function<void()> ended);
  void Close(std::string_view reason);

 private:
  void Beat();
  void Received(const std::string& frame);
  std::optional<std::string> OwnTask(const std::string& arn) const;  // its key
  void TakeMetrics(const ecs::wire::PublishMetricsRequest& report);
  void TakeHealth(const ecs::wire::PublishHealthRequest& report);
  void TakeStatus(const ecs::wire::PublishInstanceStatusRequest& report);
  void Answer(const ecs::wire::TcsAnswer& answer);

  Setup setup_;
  http::Timer heartbeat_;
  std::function<void()> ended_;
  bool open_ = true;
};

}  // namespace berth::scheduler
