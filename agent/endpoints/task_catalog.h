// TaskCatalog: what the agent's endpoints see of its tasks. Whoever runs the tasks implements it.
//
// The structs have what the answers need (task metadata v2 to v4, credentials, introspection), in
// C++ types; the files beside this one turn them into JSON.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ecs/wire/acs_task.h"
#include "net/addresses/subnet.h"

namespace berth::agent::endpoints {

/// How far a task or a container is, or should come, as agents of ECS count it.
enum class LifeStatus {
  kNone,
  kManifestPulled,
  kPulled,
  kCreated,
  kRunning,
  kResourcesProvisioned,
  kStopped,
};

struct EndpointPort {
  uint16_t container_port = 0;
  std::string protocol = "tcp";
  uint16_t host_port = 0;  // 0: not published
  std::string host_ip;     // "0.0.0.0" where it is published
};

struct EndpointVolume {
  std::string docker_name;  // "" for a directory of the host
  std::string source;       // on the host
  std::string destination;  // in the container
};

struct EndpointHealth {
  std::string status;  // HEALTHY, UNHEALTHY, UNKNOWN
  std::optional<WallTime> since;
  std::optional<int> exit_code;  // of the last check
  std::string output;            // of the last check; the answers cut it
};

/// One entry of a container's Networks.
struct EndpointNetwork {
  std::string mode;                       // bridge, host, awsvpc, none
  std::vector<net::IpAddress> addresses;  // none: host mode, or it has stopped
  /// Of EndpointTask::interfaces, in awsvpc mode.
  std::optional<size_t> interface;
};

struct EndpointContainer {
  std::string docker_id;    // 64 hexadecimal digits, unique on the host
  std::string endpoint_id;  // the UUID in its v3, v4 and /api URLs
  std::string name;
  std::string docker_name;  // ecs-FAMILY-REVISION-NAME-HEX
  std::string arn;
  std::string type = "NORMAL";
  std::string image;
  std::string image_id;  // sha256:...; "" until it is pulled
  std::vector<EndpointPort> ports;
  std::map<std::string, std::string> labels;
  LifeStatus desired = LifeStatus::kRunning;
  LifeStatus known = LifeStatus::kNone;
  std::optional<int> exit_code;
  int64_t cpu = 0;                // shares, as in the task definition
  std::optional<int64_t> memory;  // MiB
  std::optional<WallTime> created_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  /// Empty until they are known: until then its metadata is refused by 500.
  std::vector<EndpointNetwork> networks;
  std::optional<EndpointHealth> health;  // if it has a health check
  std::vector<EndpointVolume> volumes;
  std::string log_driver;
  std::map<std::string, std::string> log_options;
  std::optional<int64_t> restart_count;  // if it has a restart policy
};

/// An interface of a task in awsvpc mode.
struct EndpointInterface {
  int index = 0;
  net::MacAddress mac;
  net::Subnet subnet;
  std::vector<std::string> dns_servers;
  std::vector<std::string> dns_search;
  std::string private_dns_name;
};

struct EndpointAssociation {
  std::string type;  // gpu, elastic-inference, ...
  std::string name;
  std::string encoding;  // identity, base64
  std::string value;
  std::vector<std::string> containers;
};

struct EndpointTask {
  std::string arn;
  std::string family;
  std::string revision;
  std::string network_mode;  // bridge, host, awsvpc, none
  LifeStatus desired = LifeStatus::kRunning;
  LifeStatus known = LifeStatus::kNone;
  std::optional<double> cpu;      // vCPUs
  std::optional<int64_t> memory;  // MiB
  std::optional<WallTime> pull_started_at;
  std::optional<WallTime> pull_stopped_at;
  std::optional<WallTime> execution_stopped_at;
  std::string launch_type;  // EC2, EXTERNAL; "": not said
  std::string vpc_id;
  std::string service_name;
  std::string group;
  bool fault_injection_enabled = false;
  std::string task_role_credentials_id;  // "" without a task role
  std::vector<EndpointContainer> containers;
  std::vector<EndpointInterface> interfaces;
  std::vector<EndpointAssociation> associations;
};

/// Never changes once it is handed out; a task that does has a new one.
using TaskPointer = std::shared_ptr<const EndpointTask>;

/// One of a task's containers, by its index in EndpointTask::containers.
struct FoundContainer {
  TaskPointer task;
  size_t index = 0;
  const EndpointContainer& container() const { return task->containers[index]; }
};

enum class RoleType { kTask, kExecution };

struct FoundCredentials {
  TaskPointer task;
  RoleType role = RoleType::kTask;
  /// Without an accessKeyId they have not come yet.
  ecs::wire::RoleCredentials credentials;
};

/// Of the agent itself. Empty is what it does not know.
struct AgentInfo {
  std::string cluster;                 // name or ARN, as it was registered
  std::string container_instance_arn;  // "" before it is registered
  std::string version;
  std::string availability_zone;
  std::string availability_zone_id;
};

/// Asked on the loop's thread, about how things stand now. Nothing here blocks.
class TaskCatalog {
 public:
  virtual ~TaskCatalog() = default;

  virtual AgentInfo Agent() const = 0;
  /// Every task that the agent has not forgotten, stopped ones too.
  virtual std::vector<TaskPointer> Tasks() const = 0;
  virtual std::optional<FoundContainer> FindByEndpointId(std::string_view id) const = 0;
  /// The task that has the address on one of its interfaces, in bridge mode as in awsvpc mode. Null
  /// if none has.
  virtual TaskPointer FindByAddress(net::Ipv4 address) const = 0;
  /// Nothing once the task has stopped.
  virtual std::optional<FoundCredentials> FindByCredentialsId(std::string_view id) const = 0;
};

}  // namespace berth::agent::endpoints
