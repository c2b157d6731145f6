#include "scheduler/server/scheduler.h"

#include <algorithm>
#include <future>
#include <optional>
#include <random>

#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "scheduler/agents/hub.h"
#include "scheduler/server/front.h"
#include "scheduler/server/housekeeping.h"
#include "scheduler/server/installation.h"
#include "scheduler/server/principals.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {
namespace {

constexpr std::chrono::seconds kTidyEvery{10};

std::function<double()> Random() {
  return [engine = std::make_shared<std::mt19937_64>(std::random_device()())] {
    return std::uniform_real_distribution<double>(0, 1)(*engine);
  };
}

// Credentials live as long as they are told to, and are renewed when a sixth of that is left. What
// is due is looked at every `resend`, which must not be long beside that.
SessionTimes TimesFor(const SchedulerConfig& config) {
  SessionTimes times;
  times.renewal = config.credentialsLifetime / 6;
  times.resend = std::min<std::chrono::milliseconds>(times.resend, times.renewal / 4);
  return times;
}

}  // namespace

struct Scheduler::Parts {
  Parts(http::IoLoop& loop, std::unique_ptr<Store> opened)
      : loop(loop),
        store(std::move(opened)),
        world(*store, [&loop](std::function<void()> work) { loop.Post(std::move(work)); }) {}

  void Serve(const SchedulerConfig& config);
  Result<void> Listen(const SchedulerConfig& config);
  void Tidy();
  void Reload(const Error& why);

  http::IoLoop& loop;
  std::unique_ptr<Store> store;
  World world;
  std::optional<SessionMint> mint;
  std::optional<PayloadBuilder> payloads;
  IdentitySource principals;
  ApiSettings settings;
  std::optional<AgentHub> agents;
  std::optional<Front> front;
  std::optional<http::Server> server;
  http::Timer tidy;
  std::string endpoint;
};

void Scheduler::Parts::Serve(const SchedulerConfig& config) {
  principals = PrincipalsOf(world);
  payloads.emplace(world, *mint, config.credentialsLifetime);
  const auto authenticate = [this](const http::Request& request) {
    return Authenticate(request, principals, *mint, Now());
  };
  settings.random = Random();
  agents.emplace(AgentHub::Setup{.loop = loop,
                                 .world = world,
                                 .payloads = *payloads,
                                 .times = TimesFor(config),
                                 .authenticate = authenticate});
  front.emplace(Front::Setup{
      .world = world, .agents = *agents, .settings = settings, .authenticate = authenticate});
  world.ledger().on_failure = [this](const Error& why) { Reload(why); };
}

Result<void> Scheduler::Parts::Listen(const SchedulerConfig& config) {
  http::ServerHandlers handlers = {
      .request = [this](const http::Request& request,
                        http::Respond respond) { front->Serve(request, std::move(respond)); },
      .upgrade =
          [this](const http::Request& request, std::shared_ptr<http::Upgrade> upgrade) {
            agents->Connect(request, std::move(upgrade));
          }};
  const http::ListenOn where = {.address = config.listen_address, .port = config.listen_port};
  // No request makes a record that is larger than the store takes.
  const http::ServerLimits limits = {.max_body = 1 << 20};
  server = config.tls
               ? TRY(http::Server::ListenTls(loop, where, *config.tls, std::move(handlers), limits))
               : TRY(http::Server::Listen(loop, where, std::move(handlers), limits));
  const bool v6 = config.listen_address.find(':') != std::string::npos;
  endpoint = fmt::format("{}://{}{}{}:{}", config.tls ? "https" : "http", v6 ? "[" : "",
                         config.listen_address, v6 ? "]" : "", server->port());
  const bool any = config.listen_address == "0.0.0.0" || config.listen_address == "::";
  if (any && config.advertise.empty()) {
    log::Warning(
        "agents on other hosts will be told to connect to {}: set \"advertise\" to the base URL by "
        "which they reach this one",
        endpoint);
  }
  std::string base = config.advertise.empty() ? endpoint : config.advertise;
  if (base.ends_with('/')) base.pop_back();
  settings.acs_endpoint = base + "/acs/";
  settings.tcs_endpoint = base + "/tcs/";
  return {};
}

void Scheduler::Parts::Tidy() {
  tidy = loop.After(kTidyEvery, [this] {
    TidyUp(world, {}, Now());
    world.ledger().Seal();
    agents->TellWhatIsDue();
    Tidy();
  });
}

// What is in memory may be more than what was written: the store has the last word.
void Scheduler::Parts::Reload(const Error& why) {
  log::Error("{}; reading everything anew", why.message());
  const auto loaded = world.Load();
  if (loaded) return;
  log::Error("{}", loaded.error().message());
  loop.Stop();
}

Scheduler::Scheduler(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Scheduler::~Scheduler() = default;

const std::string& Scheduler::endpoint() const { return parts_->endpoint; }

Result<std::unique_ptr<Scheduler>> Scheduler::Start(http::IoLoop& loop,
                                                    const SchedulerPaths& paths) {
  const SchedulerConfig config = TRY(SchedulerConfig::Load(paths.config));
  TRY(config.CheckExposure().Context("{}", paths.config));
  TRY(sys::MakeDirectories(paths.state, 0700));
  auto parts = std::make_unique<Parts>(loop, TRY(OpenSqliteStore(paths.Store())));
  World& world = parts->world;
  TRY(world.Load().Context("{}", paths.Store()));
  PrepareInstallation(world, config, Now());
  parts->mint = TRY(SessionMint::Make(world.identity().seal_key));
  parts->Serve(config);
  TRY(parts->Listen(config));
  world.ledger().WhenDurable([&loop, &world, paths](const Result<void>& durable) {
    const auto written =
        durable ? WriteCredentials(world, paths.Credentials()) : Result<void>(durable.error());
    if (written) return;
    log::Error("{}", written.error().message());
    loop.Stop();
  });
  parts->Tidy();
  return std::unique_ptr<Scheduler>(new Scheduler(std::move(parts)));
}

}  // namespace berth::scheduler
