// scheduler-bench: what berth-scheduler does with many agents, over real connections on loopback.
// Writes JSON for bench/scheduler, which explains the figures; see bench/README.md.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <iostream>
#include <thread>
#include <unordered_map>

#include "base/files.h"
#include "base/sys.h"
#include "bench/load.h"
#include "bench/program.h"
#include "bench/simulated_agent.h"
#include "ecs/api/codec.h"
#include "ecs/api/task.h"

namespace berth::bench {
namespace {

namespace api = ecs::api;

// Agents that are joining at the same time: a rack that comes up, not all of them at one moment.
constexpr size_t kJoining = 64;
constexpr int64_t kTasksPerCall = 10;  // as many as RunTask takes
constexpr const char* kDefinition = R"({
  "family": "web", "containerDefinitions": [{
    "name": "main", "image": "registry.lab/web:1.4", "cpu": 64, "memory": 128,
    "command": ["/bin/web", "--port", "8080"], "essential": true,
    "environment": [{"name": "LEVEL", "value": "info"}, {"name": "ZONE", "value": "a"}]}]})";

struct Options {
  std::string scheduler;
  std::string directory = "/var/tmp";
  size_t agents = 2'000;
  size_t tasks = 20'000;
  size_t clients = 32;
  int idle = 15;  // s
  uint16_t port = 18'765;
};

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

class Bench {
 public:
  Bench(Options options, std::string directory)
      : options_(std::move(options)), directory_(std::move(directory)) {}

  Result<void> Start();
  Result<void> Join();
  Result<void> Idle();
  Result<void> RunTasks();
  Result<void> StopTasks();
  std::string Json() const { return "{" + json_ + "}"; }

 private:
  using Condition = std::function<bool()>;

  std::string State() const { return directory_ + "/state"; }
  Result<void> CallOnce(std::string_view operation, std::string body);
  Result<void> RunUntil(const Condition& condition, const char* what);
  void Check(const Condition& condition);
  void Started(Clock::time_point called, const Result<std::string>& answer);
  void Record(std::string_view name, double value);
  Result<Usage> Measure(std::string_view phase);
  double StoreSize() const;

  Options options_;
  std::string directory_;
  std::string json_;
  Account account_;
  Account operator_;
  http::IoLoop loop_;
  http::Timer check_;
  std::optional<Program> scheduler_;
  AgentEvents events_;
  std::deque<SimulatedAgent> agents_;
  size_t joined_ = 0;
  size_t running_ = 0;
  size_t stopped_ = 0;
  size_t heartbeats_ = 0;
  size_t placed_ = 0;
  std::optional<std::string> trouble_;
  Usage idle_;
  std::vector<std::string> arns_;
  std::unordered_map<std::string, Clock::time_point> called_;
  std::unordered_map<std::string, Clock::time_point> ran_;
};

void Bench::Record(std::string_view name, double value) {
  json_ += fmt::format("{}\n  \"{}\": {:.6g}", json_.empty() ? "" : ",", name, value);
}

// What has been used until now, under this name.
Result<Usage> Bench::Measure(std::string_view phase) {
  const Usage used = TRY(scheduler_->Used());
  Record(fmt::format("{}_processor_s", phase), used.processor);
  Record(fmt::format("{}_resident_kib", phase), used.resident);
  Record(fmt::format("{}_store_kib", phase), StoreSize());
  return used;
}

double Bench::StoreSize() const {
  double size = 0;
  for (const auto& entry : std::filesystem::directory_iterator(State())) {
    if (entry.is_regular_file()) size += static_cast<double>(entry.file_size()) / 1024;
  }
  return size;
}

// Runs the loop until this holds, or something is wrong.
Result<void> Bench::RunUntil(const Condition& condition, const char* what) {
  Check(condition);
  loop_.Run();
  if (trouble_) return MakeError("{}: {}", what, *trouble_);
  return {};
}

void Bench::Check(const Condition& condition) {
  if (!trouble_ && scheduler_->Ended()) trouble_ = "berth-scheduler has ended";
  if (trouble_ || condition()) return loop_.Stop();
  check_ = loop_.After(std::chrono::milliseconds(5), [this, &condition] { Check(condition); });
}

Result<void> Bench::Start() {
  const std::string config = directory_ + "/scheduler.json";
  TRY(ReplaceFile(config, fmt::format(R"({{"listen": "127.0.0.1:{}"}})", options_.port)));
  scheduler_.emplace(TRY(Program::Start(
      {options_.scheduler, "--state", State(), "--config", config}, directory_ + "/log")));
  const auto begin = Clock::now();
  const std::string credentials = State() + "/credentials";
  while (!Exists(credentials + "/agent") || !Exists(credentials + "/operator")) {
    if (scheduler_->Ended() || Seconds(begin) > 10) {
      return MakeError("{} does not start: {}", options_.scheduler,
                       ReadFile(directory_ + "/log").ValueOr(""));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto place = TRY(http::Url::Parse(fmt::format("http://127.0.0.1:{}/", options_.port)));
  account_.place = operator_.place = place;
  account_.credentials = TRY(ReadCredentials(credentials + "/agent"));
  operator_.credentials = TRY(ReadCredentials(credentials + "/operator"));
  TRY(CallOnce("CreateCluster", R"({"clusterName": "default"})"));
  TRY(CallOnce("RegisterTaskDefinition", kDefinition));
  TRY(Measure("start"));
  return {};
}

Result<void> Bench::CallOnce(std::string_view operation, std::string body) {
  Load load(loop_, operator_,
            {.operation = std::string(operation),
             .body = [&](size_t) { return body; },
             .answered =
                 [this](size_t, auto, const Result<std::string>& answer) {
                   if (!answer) trouble_ = answer.error().message();
                 }});
  load.Start();
  return RunUntil([&] { return load.Done(); }, "prepare");
}

Result<void> Bench::Join() {
  const auto join_next = [this] {
    if (agents_.size() < options_.agents) {
      agents_.emplace_back(loop_, account_, events_).Join();
    }
  };
  events_ = {.joined =
                 [this, join_next] {
                   ++joined_;
                   join_next();
                 },
             .running =
                 [this](const std::string& arn) {
                   ++running_;
                   ran_[arn] = Clock::now();
                 },
             .stopped = [this](const std::string&) { ++stopped_; },
             .heartbeat = [this] { ++heartbeats_; },
             .trouble = [this](const std::string& what) { trouble_ = what; }};
  const auto begin = Clock::now();
  for (size_t i = 0; i < kJoining; ++i) join_next();
  TRY(RunUntil([this] { return joined_ == options_.agents; }, "join"));
  Record("agents", static_cast<double>(joined_));
  Record("joined_per_s", static_cast<double>(joined_) / Seconds(begin));
  TRY(Measure("joined"));
  return {};
}

Result<void> Bench::Idle() {
  const Usage before = TRY(scheduler_->Used());
  const auto begin = Clock::now();
  TRY(RunUntil([&] { return Seconds(begin) > options_.idle; }, "idle"));
  idle_ = TRY(Measure("idle"));
  Record("idle_s", Seconds(begin));
  Record("idle_heartbeats", static_cast<double>(heartbeats_));
  Record("idle_processor_share", (idle_.processor - before.processor) / Seconds(begin));
  return {};
}

void Bench::Started(Clock::time_point called, const Result<std::string>& answer) {
  const auto response = answer ? api::ParseBody<api::TasksResponse>(*answer)
                               : tl::unexpected(ecs::ApiError{"", answer.error().message(), 0});
  if (!response) {
    trouble_ = response.error().message;
    return;
  }
  if (!response->failures.empty()) trouble_ = response->failures.front().reason.value_or("");
  for (const api::Task& task : response->tasks) {
    ++placed_;
    called_[task.taskArn] = called;
    arns_.push_back(task.taskArn);
  }
}

Result<void> Bench::RunTasks() {
  const std::string body =
      api::FormatBody(api::RunTaskRequest{.count = kTasksPerCall, .taskDefinition = "web"});
  Load load(loop_, operator_,
            {.operation = "RunTask",
             .clients = options_.clients,
             .calls = options_.tasks / kTasksPerCall,
             .body = [&](size_t) { return body; },
             .answered = [this](size_t, auto begin,
                                const Result<std::string>& answer) { Started(begin, answer); }});
  const Usage before = TRY(scheduler_->Used());
  const auto begin = Clock::now();
  load.Start();
  TRY(RunUntil([&] { return load.Done(); }, "run tasks"));
  const double placing = Seconds(begin);
  TRY(RunUntil([this] { return running_ == placed_; }, "tasks running"));
  const double running = Seconds(begin);
  Latencies until_running;
  for (const auto& [arn, called] : called_) until_running.Add(called, ran_[arn]);
  const auto placed = static_cast<double>(placed_);
  Record("tasks", placed);
  Record("clients", static_cast<double>(options_.clients));
  Record("placed_per_s", placed / placing);
  Record("running_per_s", placed / running);
  Record("run_task_p50_ms", load.latencies().Quantile(0.5));
  Record("run_task_p99_ms", load.latencies().Quantile(0.99));
  Record("until_running_p50_ms", until_running.Quantile(0.5));
  Record("until_running_p99_ms", until_running.Quantile(0.99));
  const Usage after = TRY(Measure("run"));
  Record("processor_per_task_ms", 1000 * (after.processor - before.processor) / placed);
  Record("resident_per_task_kib", (after.resident - idle_.resident) / placed);
  return {};
}

Result<void> Bench::StopTasks() {
  Load load(
      loop_, operator_,
      {.operation = "StopTask",
       .clients = options_.clients,
       .calls = arns_.size(),
       .body =
           [this](size_t at) { return api::FormatBody(api::StopTaskRequest{.task = arns_[at]}); },
       .answered =
           [this](size_t, auto, const Result<std::string>& answer) {
             if (!answer) trouble_ = answer.error().message();
           }});
  const auto begin = Clock::now();
  load.Start();
  TRY(RunUntil([&] { return load.Done() && stopped_ == placed_; }, "stop tasks"));
  Record("stopped_per_s", static_cast<double>(stopped_) / Seconds(begin));
  Record("stop_task_p50_ms", load.latencies().Quantile(0.5));
  Record("stop_task_p99_ms", load.latencies().Quantile(0.99));
  TRY(Measure("stop"));
  return {};
}

Result<std::string> Run(const Options& options) {
  std::string directory = options.directory + "/scheduler-bench-XXXXXX";
  if (::mkdtemp(directory.data()) == nullptr) return ErrnoError("make {}", directory);
  const auto bench = std::make_unique<Bench>(options, directory);
  const auto done = [&]() -> Result<void> {
    TRY(bench->Start());
    TRY(bench->Join());
    TRY(bench->Idle());
    if (options.tasks == 0) return {};
    TRY(bench->RunTasks());
    TRY(bench->StopTasks());
    return {};
  }();
  const Result<std::string> json = done ? Result<std::string>(bench->Json()) : done.error();
  if (done) std::filesystem::remove_all(directory);
  return json;
}

}  // namespace
}  // namespace berth::bench

int main(int argc, char** argv) {
  using namespace berth;
  bench::Options options;
  CLI::App app{"Measures berth-scheduler with simulated agents"};
  app.add_option("SCHEDULER", options.scheduler, "The program")->required();
  app.add_option("--dir", options.directory, "Where its state is")->capture_default_str();
  app.add_option("--agents", options.agents, "Container instances")->capture_default_str();
  app.add_option("--tasks", options.tasks, "Tasks; 0: none")->capture_default_str();
  app.add_option("--clients", options.clients, "Callers of RunTask at a time")
      ->capture_default_str();
  app.add_option("--idle", options.idle, "Seconds without work")->capture_default_str();
  app.add_option("--port", options.port, "On loopback")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const auto many = sys::AllowManyDescriptors();
  const Result<std::string> json = many ? bench::Run(options) : many.error();
  if (json) std::cout << *json << std::endl;
  if (!json) std::cerr << "scheduler-bench: " << json.error().message() << '\n';
  // Without ending thousands of connections one by one.
  std::_Exit(json ? 0 : 1);
}
