#include "agent/daemon/daemon.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "agent/daemon/catalog.h"
#include "agent/daemon/claims.h"
#include "agent/daemon/scheduler_calls.h"
#include "agent/endpoints/endpoint_server.h"
#include "agent/engine/order.h"
#include "agent/link/orders.h"
#include "agent/link/registration.h"
#include "agent/link/reporter.h"
#include "agent/link/telemetry.h"
#include "agent/names/name_server.h"
#include "agent/network/firewall_guard.h"
#include "agent/network/lan_guard.h"
#include "agent/task/agent_context.h"
#include "agent/task/task_cgroups.h"
#include "agent/task/teardown.h"
#include "base/log.h"
#include "base/sys.h"
#include "cgroups/hierarchy.h"
#include "net/agent_endpoint.h"
#include "net/attachment.h"
#include "net/netns_pool.h"
#include "systemd/notify.h"

namespace berth::agent {
namespace {

constexpr std::chrono::seconds kSampleEvery{1};

std::string Zone(const std::vector<ecs::api::Attribute>& attributes) {
  for (const ecs::api::Attribute& attribute : attributes) {
    if (attribute.name == "ecs.availability-zone") return attribute.value.value_or("");
  }
  return "";
}

bool HasLans(const Config& config) {
  return std::any_of(config.subnets.begin(), config.subnets.end(),
                     [](const SubnetConfig& one) { return one.subnet.IsOnLan(); });
}

}  // namespace

struct Daemon::Parts {
  Parts(http::IoLoop& loop, const Paths& paths, link::LinkSettings own, engine::TaskBook opened,
        std::unique_ptr<net::NetnsPool> pool)
      : loop(loop),
        paths(paths),
        settings(std::move(own)),
        book(std::move(opened)),
        api(loop, settings),
        netns_pool(std::move(pool)),
        engine(loop, book,
               {.paths = paths,
                .region = settings.region,
                .pull = settings.pull,
                .limits = settings.task_limits,
                .netns_pool = netns_pool.get(),
                .cleanup_wait = settings.cleanup_wait},
               [this](const std::string& arn) { Changed(arn); }),
        reporter(loop, api, engine),
        catalog(engine, {.cluster = settings.cluster, .version = BERTH_VERSION}),
        calls(loop, api),
        registration(loop, api, book) {}

  Result<void> OpenEndpoints();
  Result<void> GuardLans();
  void GuardLanOf(const engine::EngineTask& task);
  void StartNames(const NamesConfig& config);
  void NameService(const engine::EngineTask& task);
  void Changed(const std::string& arn);
  void Registered(Result<link::RegisteredInstance> instance);
  void Join(const link::RegisteredInstance& instance);
  void WatchUsage(const engine::EngineTask& task);
  void Sample();

  http::IoLoop& loop;
  Paths paths;
  link::LinkSettings settings;
  Claims claims;
  cgroups::Hierarchy hierarchy;
  engine::TaskBook book;
  link::Api api;
  stats::UsageBook usage;
  std::unique_ptr<net::NetnsPool> netns_pool;
  engine::Engine engine;
  link::Reporter reporter;
  Catalog catalog;
  SchedulerCalls calls;
  link::Registration registration;
  std::optional<FirewallGuard> guard;
  http::Timer guarding;
  std::optional<LanGuard> lan_guard;  // if there is a LAN
  http::Timer guarding_lans;
  std::optional<endpoints::AuditLog> audit;
  std::optional<endpoints::EndpointServer> endpoint_server;
  std::unique_ptr<names::NameServer> names;     // if there can be one
  std::map<std::string, std::string> services;  // by the ids of tasks
  std::optional<link::PollEndpoint> places;
  std::optional<link::Telemetry> telemetry;
  std::optional<link::Orders> orders;
  std::set<std::string> watched;  // runtime ids
  http::Timer sample;
  Result<void> outcome;
};

Result<void> Daemon::Parts::OpenEndpoints() {
  audit = TRY(endpoints::AuditLog::Open({.path = settings.audit_log}));
  const auto open = [this] {
    if (names) names->Reopen();
    return net::OpenAgentEndpoint(paths.NetLock()).Context("open 169.254.170.2");
  };
  guard.emplace(TRY(FirewallGuard::Start(paths.NetLock(), open)));
  guard->Check();
  TRY(open());
  guarding = loop.WhenReadable(guard->fd(), [this] { guard->Answer(); });
  endpoint_server = TRY(endpoints::EndpointServer::Start(
      loop, {.catalog = catalog, .usage = usage, .calls = calls}, *audit));
  return {};
}

Result<void> Daemon::Parts::GuardLans() {
  if (lan_guard) return {};
  lan_guard.emplace(TRY(LanGuard::Start(paths.NetLock())));
  guarding_lans = loop.WhenReadable(lan_guard->fd(), [this] { lan_guard->Answer(); });
  return {};
}

// A subnet of the scheduler's may be on a LAN as well as one of the host's own.
void Daemon::Parts::GuardLanOf(const engine::EngineTask& task) {
  const auto& interfaces = task.state.booked.order.elasticNetworkInterfaces;
  const bool on_lan = !interfaces.empty() && interfaces.front().berthInterface &&
                      !interfaces.front().berthInterface->parent.empty();
  if (!on_lan) return;
  if (const auto guarded = GuardLans(); !guarded) log::Warning("{}", guarded.error().message());
}

// Without names tasks run all the same.
void Daemon::Parts::StartNames(const NamesConfig& config) {
  if (config.enabled) {
    auto started = names::NameServer::Start({.paths = paths, .names = config});
    if (started) {
      names = *std::move(started);
      return;
    }
    log::Warning("tasks have no names here: {}", started.error().message());
  }
  // An agent that was killed may have left it.
  const auto removed = sys::Unlink(paths.Resolver());
  if (!removed) log::Warning("{}", removed.error().message());
}

void Daemon::Parts::NameService(const engine::EngineTask& task) {
  const std::string service = engine::ServiceOf(task.state.booked.order);
  if (!names || service.empty()) return;
  if (task.state.released) {
    services.erase(task.state.booked.id);
  } else {
    services[task.state.booked.id] = service;
  }
  names->SetServices(services);
}

void Daemon::Parts::Changed(const std::string& arn) {
  reporter.Changed(arn);
  if (const engine::EngineTask* task = engine.Find(arn)) {
    WatchUsage(*task);
    NameService(*task);
    GuardLanOf(*task);
  }
}

// Containers that run are sampled, those that have stopped are not.
void Daemon::Parts::WatchUsage(const engine::EngineTask& task) {
  if (!task.state.view) return;
  const std::string& id = task.state.booked.id;
  for (const ContainerView& container : task.state.view->containers) {
    const std::string runtime_id = engine::RuntimeIdOf(id, container.name);
    const bool runs = container.status == shim::Status::kRunning && !task.state.released;
    if (runs == watched.contains(runtime_id)) continue;
    if (!runs) {
      usage.Forget(runtime_id);
      watched.erase(runtime_id);
      continue;
    }
    stats::UsagePlaces places = {.cgroup =
                                     fmt::format("{}/{}/{}", hierarchy.mount_point,
                                                 FindTaskCgroup(hierarchy, id), container.name)};
    if (!container.addresses.empty()) {
      places.host_interface = net::HostInterfaceName(container.addresses.front().attachment_id);
    }
    const auto watching = usage.Watch(runtime_id, places);
    if (!watching) log::Debug("usage of {}: {}", container.name, watching.error().message());
    watched.insert(runtime_id);
  }
}

void Daemon::Parts::Sample() {
  sample = loop.After(kSampleEvery, [this] {
    usage.Sample();
    Sample();
  });
}

void Daemon::Parts::Registered(Result<link::RegisteredInstance> instance) {
  if (!instance) {
    outcome = instance.error();
    return loop.Stop();
  }
  log::Info("registered as {}", instance->arn);
  Join(*instance);
}

void Daemon::Parts::Join(const link::RegisteredInstance& instance) {
  catalog.SetAgent({.cluster = settings.cluster,
                    .container_instance_arn = instance.arn,
                    .version = BERTH_VERSION,
                    .availability_zone = Zone(instance.attributes)});
  places.emplace(api, instance.arn);
  telemetry.emplace(link::Telemetry::Setup{.loop = loop,
                                           .api = api,
                                           .places = *places,
                                           .engine = engine,
                                           .usage = usage,
                                           .instance_arn = instance.arn});
  orders.emplace(link::Orders::Setup{
      .loop = loop,
      .api = api,
      .places = *places,
      .engine = engine,
      .book = book,
      .reporter = reporter,
      .instance_arn = instance.arn,
      .heartbeat = [this] { telemetry->WantStatus(); },
      .inactive = [this](bool inactive) { inactive ? telemetry->Stop() : telemetry->Start(); }});
  reporter.Start();
  orders->Start();
  telemetry->Start();
  systemd::Notify("READY=1");
}

Daemon::Daemon(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Daemon::~Daemon() {
  parts_->guarding.Cancel();
  parts_->guarding_lans.Cancel();
  // Nobody answers there until the next agent is here: whoever asks is to hear that at once.
  parts_->endpoint_server.reset();
  const auto closed = net::CloseAgentEndpoint(parts_->paths.NetLock());
  if (!closed) log::Warning("{}", closed.error().message());
}

const Result<void>& Daemon::outcome() const { return parts_->outcome; }

Result<std::unique_ptr<Daemon>> Daemon::Start(http::IoLoop& loop, const Paths& paths,
                                              link::LinkSettings settings) {
  AgentContext context = TRY(AgentContext::Open(paths));
  Claims claims = TRY(ClaimHost(paths));
  // Tasks of others than the scheduler, too: what a crash has left of them.
  if (const auto recovered = Recover(context); !recovered) {
    log::Warning("{}", recovered.error().message());
  }
  engine::TaskBook book = TRY(engine::TaskBook::Open(paths.root + "/agent.db"));
  auto pool = TRY(net::NetnsPool::Start(context.config.interfacePool));
  auto parts =
      std::make_unique<Parts>(loop, paths, std::move(settings), std::move(book), std::move(pool));
  parts->claims = std::move(claims);
  parts->hierarchy = context.hierarchy;
  TRY(parts->OpenEndpoints());
  if (HasLans(context.config)) TRY(parts->GuardLans());
  parts->StartNames(context.config.names);
  TRY(parts->engine.Start());
  parts->Sample();
  parts->registration.Begin([raw = parts.get()](auto instance) {
    raw->loop.Post(
        [raw, instance = std::move(instance)]() mutable { raw->Registered(std::move(instance)); });
  });
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

}  // namespace berth::agent
