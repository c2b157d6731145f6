#include "scheduler/agents/hub.h"

#include "base/log.h"
#include "base/text.h"
#include "ecs/sigv4.h"
#include "scheduler/identity/authorize.h"
#include "scheduler/model/arns.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;

using Query = std::map<std::string, std::string, std::less<>>;

// A refused handshake, as ecs-agent reads it: its body is an envelope.
http::Response Refusal(const ecs::ApiError& error) {
  return {.status = error.status,
          .headers = {{"Content-Type", "application/json"}},
          .body = wire::FormatAcs(
              wire::AcsOrder(wire::ServiceNotice{.type = error.code, .message = error.message}))};
}

// "DockerVersion: 20.10.24" on one of the two connections, the number alone on the other.
std::string DockerVersion(const Query& query) {
  constexpr std::string_view kLabel = "DockerVersion: ";
  const auto found = query.find("dockerVersion");
  if (found == query.end()) return "";
  const std::string_view text = found->second;
  return std::string(text.starts_with(kLabel) ? text.substr(kLabel.size()) : text);
}

std::optional<std::string> NotEmpty(std::string text) {
  return text.empty() ? std::nullopt : std::optional(std::move(text));
}

}  // namespace

struct AgentHub::Hello {
  bool telemetry = false;
  std::string instance_key;
  Query query;

  std::string Get(std::string_view name) const {
    const auto found = query.find(name);
    return found == query.end() ? "" : found->second;
  }
};

ecs::ApiResult<AgentHub::Hello> AgentHub::Check(const http::Request& request) const {
  Hello hello;
  if (request.Path() != "/acs/ws" && request.Path() != "/tcs/ws") {
    return tl::unexpected(ecs::ApiError{"BadRequestException", "there is nothing here", 404});
  }
  hello.telemetry = request.Path() == "/tcs/ws";
  for (auto& [name, value] : http::ParseForm(request.Query())) {
    hello.query.emplace(std::move(name), std::move(value));
  }
  const Principal caller = API_TRY(setup_.authenticate(request));
  const std::string arn = hello.Get(hello.telemetry ? "containerInstance" : "containerInstanceArn");
  std::string cluster(LastPart(hello.Get(hello.telemetry ? "cluster" : "clusterArn")));
  if (cluster.empty()) cluster = "default";
  // The one that is meant, however it was written.
  const Arns arns(setup_.world.identity());
  AccessRequest access = {.action = hello.telemetry ? "ecs:StartTelemetrySession" : "ecs:Poll",
                          .resource = arns.Instance(cluster, LastPart(arn))};
  access.context.emplace("ecs:cluster", arns.Cluster(cluster));
  API_TRY(Authorize(caller, std::move(access), Now()));
  hello.instance_key = World::Key(cluster, LastPart(arn));
  const InstanceRecord* instance = setup_.world.instances().Find(hello.instance_key);
  if (instance == nullptr) {
    return ecs::Refuse("InactiveInstanceException", "The container instance {} is not registered.",
                       arn);
  }
  if (instance->registered_by != caller.arn) {
    return ecs::Refuse("AccessDeniedException", "{} has not registered container instance {}.",
                       caller.arn, arn);
  }
  return hello;
}

void AgentHub::Connect(const http::Request& request, std::shared_ptr<http::Upgrade> upgrade) {
  const auto hello = Check(request);
  if (!hello) {
    log::Info("agent refused: {}: {}", hello.error().code, hello.error().message);
    upgrade->Refuse(Refusal(hello.error()));
  } else if (hello->telemetry) {
    AcceptTelemetry(*hello, request, upgrade);
  } else {
    AcceptOrders(*hello, upgrade);
  }
}

void AgentHub::AcceptOrders(const Hello& hello, const std::shared_ptr<http::Upgrade>& upgrade) {
  World& world = setup_.world;
  InstanceRecord record = *world.instances().Find(hello.instance_key);
  const ecs::api::VersionInfo version = {.agentVersion = NotEmpty(hello.Get("agentVersion")),
                                         .agentHash = NotEmpty(hello.Get("agentHash")),
                                         .dockerVersion = NotEmpty(DockerVersion(hello.query))};
  if (!(record.instance.versionInfo == version)) {
    record.instance.versionInfo = version;
    world.PutInstance(std::move(record));
    world.ledger().Seal();
  }
  upgrade->Accept({}, [this, key = hello.instance_key,
                       all = hello.Get("sendCredentials") == "true"](auto socket) {
    // An agent that comes anew may not have noticed yet that its old connection is broken.
    if (const auto old = orders_.find(key); old != orders_.end()) {
      const auto session = std::move(old->second);
      orders_.erase(old);
      session->Close("another connection has taken its place");
    }
    const auto session = std::make_shared<AcsSession>(AcsSession::Setup{.loop = setup_.loop,
                                                                        .world = setup_.world,
                                                                        .payloads = setup_.payloads,
                                                                        .times = setup_.times,
                                                                        .instance_key = key,
                                                                        .socket = std::move(socket),
                                                                        .send_credentials = all});
    orders_[key] = session;
    setup_.world.SetConnected(key, true);
    session->Start([this, key, raw = session.get()] {
      const auto own = orders_.find(key);
      if (own == orders_.end() || own->second.get() != raw) return;
      orders_.erase(own);
      setup_.world.SetConnected(key, false);
    });
    setup_.world.ledger().Seal();
  });
}

void AgentHub::AcceptTelemetry(const Hello& hello, const http::Request& request,
                               const std::shared_ptr<http::Upgrade>& upgrade) {
  // Each frame is signed for the handshake's address again, by the same key.
  OpenFrame open_frame =
      [this, target = request.target, peer = request.peer_address,
       key = hello.instance_key](const std::string& frame) -> ecs::ApiResult<std::string> {
    ecs::SignedFrame signed_frame = API_TRY(ecs::ReadSignedFrame(target, frame));
    signed_frame.request.peer_address = peer;
    const Principal caller = API_TRY(setup_.authenticate(signed_frame.request));
    const InstanceRecord* instance = setup_.world.instances().Find(key);
    if (instance == nullptr || instance->registered_by != caller.arn) {
      return ecs::Refuse("AccessDeniedException", "{} can't speak for {}", caller.arn, key);
    }
    return std::string(signed_frame.payload);
  };
  upgrade->Accept(
      {}, [this, key = hello.instance_key, open_frame = std::move(open_frame)](auto socket) {
        if (const auto old = telemetry_.find(key); old != telemetry_.end()) {
          const auto session = std::move(old->second);
          telemetry_.erase(old);
          session->Close("another connection has taken its place");
        }
        const auto session =
            std::make_shared<TcsSession>(TcsSession::Setup{.loop = setup_.loop,
                                                           .world = setup_.world,
                                                           .instance_key = key,
                                                           .socket = std::move(socket),
                                                           .open_frame = open_frame,
                                                           .heartbeat = setup_.times.heartbeat});
        telemetry_[key] = session;
        session->Start([this, key, raw = session.get()] {
          const auto own = telemetry_.find(key);
          if (own != telemetry_.end() && own->second.get() == raw) telemetry_.erase(own);
        });
      });
}

void AgentHub::TellWhatIsDue() {
  for (const std::string& key : setup_.world.TakeTouched()) {
    const auto session = orders_.find(key);
    if (session == orders_.end()) continue;
    if (setup_.world.instances().Find(key) == nullptr) {
      session->second->Close("the container instance is no longer registered");
      continue;
    }
    session->second->Reconcile();
  }
  setup_.world.ledger().Seal();
}

}  // namespace berth::scheduler
