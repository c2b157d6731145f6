#include <unistd.h>

#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "agent/cluster/background.h"
#include "agent/cluster/commands.h"
#include "agent/link/settings.h"
#include "base/cleanup.h"
#include "base/files.h"
#include "base/http/client.h"
#include "base/json_reader.h"
#include "base/sys.h"
#include "net/agent_endpoint.h"

namespace berth::agent::cluster {
namespace {

constexpr std::chrono::seconds kLongestStart{15};

Background SchedulerOf(const Paths& paths) {
  return {.name = "berth-scheduler",
          .pid_file = paths.run + "/berth-scheduler.pid",
          .log = paths.root + "/berth-scheduler.log"};
}

Background AgentOf(const Paths& paths) {
  return {
      .name = "berthd", .pid_file = paths.run + "/berthd.pid", .log = paths.root + "/berthd.log"};
}

std::optional<http::Response> Get(const std::string& url) {
  const auto parsed = http::Url::Parse(url);
  if (!parsed) return std::nullopt;
  auto response = http::SendAndWait(
      *parsed, {.target = parsed->target, .headers = {{"Host", parsed->Authority()}}});
  if (!response || response->status != 200) return std::nullopt;
  return std::move(*response);
}

// Waits until `is_up`, or until the program has ended without coming up.
Result<void> WaitFor(const Background& program, const std::function<bool()>& is_up) {
  const auto deadline = std::chrono::steady_clock::now() + kLongestStart;
  while (!is_up()) {
    const bool ended = !FindRunning(program);
    if (ended || std::chrono::steady_clock::now() > deadline) {
      return MakeError("{} {}; {} says:\n{}", program.name,
                       ended ? "has ended" : "does not come up", program.log, LastWords(program));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return {};
}

Result<void> StartScheduler(const Background& scheduler, const UpOptions& options) {
  TRY(StartInBackground(scheduler,
                        {"--state", options.scheduler_state, "--config", options.scheduler_config},
                        {"BERTH_LOG=info"}));
  // The scheduler's address is told by its log's one line, wherever the configuration has it.
  return WaitFor(scheduler, [&] {
    return LastWords(scheduler).find("serving http") != std::string::npos &&
           Exists(options.scheduler_state + "/credentials/agent");
  });
}

std::string EndpointIn(const Background& scheduler) {
  const std::string log = ReadFile(scheduler.log).ValueOr("");
  constexpr std::string_view kMark = "serving ";
  const size_t at = log.rfind(kMark);
  if (at == std::string::npos) return "";
  const size_t begin = at + kMark.size();
  return log.substr(begin, log.find('\n', begin) - begin);
}

// As the scheduler has it: in signatures, and in what is printed.
Result<std::string> RegionOf(const UpOptions& options) {
  std::string region = "us-east-1";
  if (!Exists(options.scheduler_config)) return region;
  const Json config = TRY(ParseJson(TRY(ReadFile(options.scheduler_config))));
  JsonProblems problems(UnknownFields::kIgnored);
  JsonReader(config, problems).Read("region", region);
  TRY(problems.Check().Context("{}", options.scheduler_config));
  return region;
}

Result<void> StartAgent(const Background& agent, const Paths& paths, const UpOptions& options,
                        const std::string& endpoint, const std::string& region) {
  TRY(StartInBackground(
      agent, {"--root", paths.root, "--run-dir", paths.run, "--config", paths.config},
      {"BERTH_LOG=info", "ECS_CLUSTER=" + options.cluster, "ECS_BACKEND_HOST=" + endpoint,
       "AWS_DEFAULT_REGION=" + region,
       "AWS_SHARED_CREDENTIALS_FILE=" + options.scheduler_state + "/credentials/agent"}));
  const std::string url = fmt::format("http://127.0.0.1:{}/v1/metadata", net::kIntrospectionPort);
  return WaitFor(agent, [&] {
    const auto metadata = Get(url);
    return metadata && metadata->body.find("container-instance/") != std::string::npos;
  });
}

void PrintAccess(const std::string& endpoint, const UpOptions& options, const std::string& region,
                 const ecs::AwsCredentials& key) {
  std::printf(
      "Berth is up at %s, cluster %s.\n\n"
      "For the aws command and the SDKs, in your shell:\n\n"
      "    export AWS_ACCESS_KEY_ID=%s\n"
      "    export AWS_SECRET_ACCESS_KEY=%s\n"
      "    export AWS_DEFAULT_REGION=%s\n"
      "    aws ecs list-container-instances --cluster %s --endpoint-url %s\n\n"
      "or as a profile: %s/credentials/operator\n"
      "berth ps, logs, exec show the tasks that run here; berth down ends both programs, not "
      "tasks.\n",
      endpoint.c_str(), options.cluster.c_str(), key.access_key_id.c_str(),
      key.secret_access_key.c_str(), region.c_str(), options.cluster.c_str(), endpoint.c_str(),
      options.scheduler_state.c_str());
}

}  // namespace

Result<void> Up(const Paths& paths, const UpOptions& options) {
  if (::geteuid() != 0) return MakeError("tasks are a matter for root: run this as root");
  for (const std::string& directory : {paths.root, paths.run}) {
    TRY(sys::MakeDirectories(directory, 0700));
  }
  const Background scheduler = SchedulerOf(paths);
  const Background agent = AgentOf(paths);
  Rollback rollback;
  if (!FindRunning(scheduler)) {
    TRY(sys::Unlink(scheduler.log));
    rollback.Push([&] { (void)End(scheduler).has_value(); });
    TRY(StartScheduler(scheduler, options));
  }
  const std::string endpoint = EndpointIn(scheduler);
  const std::string region = TRY(RegionOf(options));
  if (!FindRunning(agent)) {
    TRY(sys::Unlink(agent.log));
    rollback.Push([&] { (void)End(agent).has_value(); });
    TRY(StartAgent(agent, paths, options, endpoint, region));
  }
  rollback.Commit();
  const auto key =
      TRY(link::ReadCredentialsFile(options.scheduler_state + "/credentials/operator"));
  PrintAccess(endpoint, options, region, key);
  return {};
}

Result<void> Down(const Paths& paths) {
  // The agent first, so that it can tell what it still has to.
  TRY(End(AgentOf(paths)));
  return End(SchedulerOf(paths));
}

}  // namespace berth::agent::cluster
