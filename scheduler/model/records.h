// What the scheduler writes down: one struct a kind of record, each kept under a key of its own
// (keys.h). Everything else it knows is worked out from these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ecs/api/cluster.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/task.h"
#include "ecs/api/task_definition.h"
#include "ecs/security_group.h"

namespace berth::scheduler {

/// Who this installation is; made once.
struct IdentityRecord {
  std::string account;   // 12 digits
  std::string region;    // as in ARNs and signatures
  std::string seal_key;  // 32 bytes in hexadecimal: seals session tokens
};

/// Counts are zero here: they are worked out when a cluster is shown.
struct ClusterRecord {
  ecs::api::Cluster cluster;
};

struct TaskDefinitionRecord {
  ecs::api::RegisteredTaskDefinition registered;
  std::vector<ecs::Tag> tags;
};

struct FamilyRecord {
  std::string family;
  int64_t last_revision = 0;  // never given twice, deleted or not
};

struct InstanceRecord {
  std::string cluster;  // name
  std::string id;
  /// Without what is worked out: remaining resources, counts, whether it is connected.
  ecs::api::ContainerInstance instance;
  /// ARN of who registered it: only they may speak for it.
  std::string registered_by;
  /// The clientToken that it was registered with.
  std::string registration_token;
};

/// The last number given to a payload or manifest for an instance. Agents ignore manifests that are
/// not above what they have seen, so it never goes back. Apart from the instance, whose record is
/// large: this one is written with every payload.
struct SequenceRecord {
  int64_t last = 0;
};

struct TaskRecord {
  std::string cluster;  // name
  std::string id;
  std::string instance;  // id; "" while it is not placed
  ecs::api::Task task;

  /// What it takes of its instance.
  int64_t cpu = 0;     // CPU units
  int64_t memory = 0;  // MiB
  std::vector<int64_t> tcp_ports;
  std::vector<int64_t> udp_ports;

  /// The agent has acknowledged the task (or the stop, once that is desired).
  bool delivered = false;
  /// Of its interface, in awsvpc mode.
  std::string interface_id;
  std::string role_credentials_id;
  std::string execution_role_credentials_id;
  /// When the credentials that the agent has acknowledged end.
  std::optional<WallTime> credentials_expire;
  bool protection_enabled = false;
  std::optional<WallTime> protection_expires;
};

enum class InterfaceStatus { kPrecreated, kAttaching, kAttached, kDetached };

/// An elastic network interface: a task's address in a subnet.
struct InterfaceRecord {
  std::string id;             // eni-...
  std::string attachment_id;  // a UUID
  std::string cluster;
  std::string task_id;
  std::string subnet_id;
  std::string address;       // 10.0.0.7; "" in a subnet without a block of IPv4
  std::string ipv6_address;  // fd00::7; "" in one without a block of IPv6
  std::string mac;
  std::vector<std::string> groups;  // ids
  InterfaceStatus status = InterfaceStatus::kPrecreated;
};

struct SubnetRecord {
  std::string id;
  std::string cidr_block;  // one of the two may be ""
  std::string ipv6_cidr_block;
  /// The host's interface on the LAN that the blocks are of, on every host; "": they are the hosts'
  /// own.
  std::string parent;
  std::optional<std::string> gateway, ipv6_gateway;  // absent: the second address of the block
  std::string availability_zone;
  int64_t mtu = 0;  // 0: that of the host's default route
  bool masquerade = true;
  std::vector<std::string> dns_servers;
  // The last addresses given: the next search begins behind them.
  int64_t last_given = 0;  // of IPv4, as a number
  std::string last_given_ipv6;
};

struct SecurityGroupRecord {
  ecs::SecurityGroup group;
};

struct NamedPolicy {
  std::string name;
  std::string document;  // JSON, as it was given

  bool operator==(const NamedPolicy&) const = default;
};

struct RoleRecord {
  std::string name;
  std::string arn;
  std::string id;                           // AROA...
  std::string assume_role_policy_document;  // JSON
  std::string description;
  std::optional<WallTime> created;
  std::vector<NamedPolicy> policies;
};

/// Someone with access keys: an operator, a program, or (path "/agents/") an agent.
struct UserRecord {
  std::string name;
  std::string path = "/";
  std::string arn;
  std::string id;  // AIDA...
  std::optional<WallTime> created;
  std::vector<NamedPolicy> policies;
};

/// A long-lived access key of a user.
struct AccessKeyRecord {
  std::string access_key_id;
  std::string secret_access_key;
  std::string user;  // name
  bool active = true;
  std::optional<WallTime> created;
};

/// The answer to a call with a clientToken, for when it comes again.
struct ClientTokenRecord {
  std::string token;
  std::string cluster;
  std::string request_digest;  // of the whole request: the same token with another one is refused
  std::vector<std::string> task_ids;
  std::vector<ecs::api::Failure> failures;
  std::optional<WallTime> created;
};

}  // namespace berth::scheduler
