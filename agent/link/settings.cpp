#include "agent/link/settings.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json_reader.h"
#include "base/text.h"

extern char** environ;

namespace berth::agent::link {
namespace {

constexpr uint64_t kMostPids = 4'194'304;  // PID_MAX_LIMIT of the kernel

class Reader {
 public:
  explicit Reader(const LinkSettings::Environment& environment) : environment_(environment) {}

  std::string Get(const std::string& name, std::string otherwise = "") const {
    const auto found = environment_.find(name);
    return found == environment_.end() || found->second.empty() ? otherwise : found->second;
  }

 private:
  const LinkSettings::Environment& environment_;
};

// {"name": "value", ...}
Result<std::map<std::string, std::string>> ReadMap(const Reader& in, const std::string& name) {
  const std::string text = in.Get(name, "{}");
  const Json document = TRY(ParseJson(text).Context("{}", name));
  JsonProblems problems;
  std::map<std::string, std::string> map;
  ReadJson(JsonReader(document, problems), map);
  TRY(problems.Check().Context("{}", name));
  return map;
}

// [22, 80] or ["22", "80"]
Result<std::vector<std::string>> ReadPorts(const Reader& in, const std::string& name,
                                           const std::string& otherwise) {
  const Json document = TRY(ParseJson(in.Get(name, otherwise)).Context("{}", name));
  JsonProblems problems;
  std::vector<std::string> ports;
  const JsonReader list(document, problems);  // its items refer to it
  for (const JsonReader& item : list.Items()) {
    const std::string text =
        item.IsString() ? item.String() : std::to_string(item.Integer(1, UINT16_MAX));
    if (!ParseInteger<uint16_t>(text)) item.Complain("must be a port");
    ports.push_back(text);
  }
  TRY(problems.Check().Context("{}", name));
  return ports;
}

Result<ecs::AwsCredentials> ReadCredentials(const Reader& in) {
  ecs::AwsCredentials credentials = {.access_key_id = in.Get("AWS_ACCESS_KEY_ID"),
                                     .secret_access_key = in.Get("AWS_SECRET_ACCESS_KEY"),
                                     .session_token = in.Get("AWS_SESSION_TOKEN")};
  const std::string file = in.Get("AWS_SHARED_CREDENTIALS_FILE");
  if (credentials.access_key_id.empty() && !file.empty()) {
    credentials = TRY(ReadCredentialsFile(file).Context("AWS_SHARED_CREDENTIALS_FILE"));
  }
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty()) {
    return MakeError(
        "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
        "AWS_SHARED_CREDENTIALS_FILE to a file that has them (the scheduler writes one: "
        "credentials/agent in its state directory)");
  }
  return credentials;
}

Result<PullBehavior> ReadPull(const Reader& in) {
  const std::string text = in.Get("ECS_IMAGE_PULL_BEHAVIOR", "default");
  // "default" pulls and falls back on the cache; "once" is what prefer-cached does here, since an
  // image that was pulled stays until it is removed.
  if (text == "always") return PullBehavior::kAlways;
  if (text == "default" || text == "once" || text == "prefer-cached") {
    return PullBehavior::kPreferCached;
  }
  return MakeError(
      "ECS_IMAGE_PULL_BEHAVIOR: must be default, always, once or prefer-cached, not \"{}\"", text);
}

// The bounds are the ECS agent's.
Result<TaskLimitSettings> ReadTaskLimits(const Reader& in) {
  TaskLimitSettings limits;
  const std::string period = in.Get("ECS_CGROUP_CPU_PERIOD", "100ms");
  const auto number = ParseInteger<int64_t>(period.substr(0, period.find("ms")));
  if (!number || !period.ends_with("ms") || *number < 8 || *number > 100) {
    return MakeError("ECS_CGROUP_CPU_PERIOD: must be from 8ms to 100ms, not \"{}\"", period);
  }
  limits.cpu_period = std::chrono::milliseconds(*number);
  const std::string pids = in.Get("ECS_TASK_PIDS_LIMIT");
  if (pids.empty()) return limits;
  limits.pids = ParseInteger<uint64_t>(pids);
  if (!limits.pids || *limits.pids == 0 || *limits.pids > kMostPids) {
    return MakeError("ECS_TASK_PIDS_LIMIT: must be from 1 to {}, not \"{}\"", kMostPids, pids);
  }
  return limits;
}

Result<http::Url> ReadBackend(const Reader& in, const std::string& region) {
  std::string text = in.Get("ECS_BACKEND_HOST", fmt::format("ecs.{}.amazonaws.com", region));
  if (text.find("://") == std::string::npos) text.insert(0, "https://");
  return http::Url::Parse(text).Context("ECS_BACKEND_HOST");
}

}  // namespace

Result<LinkSettings> LinkSettings::FromEnvironment(const Environment& environment) {
  const Reader in(environment);
  LinkSettings settings;
  settings.cluster = in.Get("ECS_CLUSTER", "default");
  settings.region = in.Get("AWS_DEFAULT_REGION", in.Get("AWS_REGION", "us-east-1"));
  settings.backend = TRY(ReadBackend(in, settings.region));
  settings.credentials = TRY(ReadCredentials(in));
  settings.ca_file = in.Get("SSL_CERT_FILE");
  for (const auto& [name, value] : TRY(ReadMap(in, "ECS_INSTANCE_ATTRIBUTES"))) {
    settings.attributes.push_back({.name = name, .value = value});
  }
  for (const auto& [key, value] : TRY(ReadMap(in, "ECS_CONTAINER_INSTANCE_TAGS"))) {
    settings.tags.push_back({.key = key, .value = value});
  }
  settings.reserved_ports =
      TRY(ReadPorts(in, "ECS_RESERVED_PORTS", "[22, 2375, 2376, 51678, 51679]"));
  settings.reserved_ports_udp = TRY(ReadPorts(in, "ECS_RESERVED_PORTS_UDP", "[]"));
  const auto memory = ParseInteger<int64_t>(in.Get("ECS_RESERVED_MEMORY", "0"));
  if (!memory || *memory < 0) return MakeError("ECS_RESERVED_MEMORY: must be a number of MiB");
  settings.reserved_memory = *memory;
  settings.pull = TRY(ReadPull(in));
  settings.cleanup_wait = TRY(ParseDuration(in.Get("ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION", "3h"))
                                  .Context("ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION"));
  settings.task_limits = TRY(ReadTaskLimits(in));
  settings.audit_log = in.Get("ECS_AUDIT_LOGFILE");
  if (in.Get("ECS_AUDIT_LOGFILE_DISABLED") == "true") settings.audit_log.clear();
  return settings;
}

Result<ecs::AwsCredentials> ReadCredentialsFile(const std::string& path) {
  ecs::AwsCredentials credentials;
  bool own = false;
  for (const std::string& line : Split(TRY(ReadFile(path)), '\n')) {
    const std::string_view text = Trim(line);
    if (text.starts_with('[')) own = text == "[default]";
    const size_t equals = text.find('=');
    if (!own || equals == std::string_view::npos) continue;
    const std::string_view name = Trim(text.substr(0, equals));
    const std::string value(Trim(text.substr(equals + 1)));
    if (name == "aws_access_key_id") credentials.access_key_id = value;
    if (name == "aws_secret_access_key") credentials.secret_access_key = value;
    if (name == "aws_session_token") credentials.session_token = value;
  }
  return credentials;
}

LinkSettings::Environment OwnEnvironment() {
  LinkSettings::Environment environment;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view text = *each;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Result<std::chrono::seconds> ParseDuration(std::string_view text) {
  std::chrono::seconds sum{0};
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto number = ParseInteger<int64_t>(rest.substr(0, digits));
    const char unit = digits < rest.size() ? rest[digits] : '\0';
    const int64_t seconds = unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
    if (!number || seconds == 0 || *number > 1'000'000) break;
    sum += std::chrono::seconds(*number * seconds);
    rest.remove_prefix(digits + 1);
  }
  if (!rest.empty() || text.empty() || sum < std::chrono::seconds(1)) {
    return MakeError("must be a duration as 3h, 90m or 10s, not \"{}\"", text);
  }
  return sum;
}

}  // namespace berth::agent::link
