// LinkSettings: what the environment says of the scheduler to join, in the words of the ECS agent.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "agent/task/resolve_images.h"
#include "agent/task/resources.h"
#include "base/http/url.h"
#include "base/result.h"
#include "ecs/api/container_instance.h"
#include "ecs/sigv4.h"
#include "ecs/task_definition.h"

namespace berth::agent::link {

struct LinkSettings {
  std::string cluster = "default";   // ECS_CLUSTER
  http::Url backend;                 // ECS_BACKEND_HOST, or the region's own
  std::string region = "us-east-1";  // AWS_DEFAULT_REGION, AWS_REGION
  ecs::AwsCredentials credentials;   // AWS_ACCESS_KEY_ID, ..., or AWS_SHARED_CREDENTIALS_FILE
  std::string ca_file;               // SSL_CERT_FILE
  /// ECS_INSTANCE_ATTRIBUTES: {"stack": "production"}. At the first registration alone.
  std::vector<ecs::api::Attribute> attributes;
  std::vector<ecs::Tag> tags;               // ECS_CONTAINER_INSTANCE_TAGS
  std::vector<std::string> reserved_ports;  // ECS_RESERVED_PORTS
  std::vector<std::string> reserved_ports_udp;
  int64_t reserved_memory = 0;                      // ECS_RESERVED_MEMORY, MiB
  PullBehavior pull = PullBehavior::kPreferCached;  // ECS_IMAGE_PULL_BEHAVIOR
  std::chrono::seconds cleanup_wait{3 * 3600};      // ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION
  TaskLimitSettings task_limits;                    // ECS_CGROUP_CPU_PERIOD, ECS_TASK_PIDS_LIMIT
  std::string audit_log;                            // ECS_AUDIT_LOGFILE; "": none

  using Environment = std::map<std::string, std::string>;
  /// Errors name the variable and what is allowed.
  static Result<LinkSettings> FromEnvironment(const Environment& environment);
};

/// The [default] profile of an AWS credentials file.
Result<ecs::AwsCredentials> ReadCredentialsFile(const std::string& path);

/// This process's.
LinkSettings::Environment OwnEnvironment();

/// A duration as Go writes them: "3h", "1h30m", "10s".
Result<std::chrono::seconds> ParseDuration(std::string_view text);

}  // namespace berth::agent::link
