// State: what the agent remembers of its tasks, and who has which address and port.
//
// Everything that a task takes of the host is written down here before it is taken, in one
// transaction, so that whoever finds a dead task's record knows all there is to give back.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sqlite/database.h"
#include "base/time.h"
#include "net/addresses/address_pool.h"
#include "net/ports/port_pool.h"

namespace berth::agent {

/// How far a task has come, as the agent sees it; ECS's status comes from the shim's journal.
enum class Phase {
  kIntent,  // reserved, being made by the process in `owner`
  kLive,    // its shim runs, or has died without anybody having noticed
  kEnded,   // all it took is given back; the record stays for ps, logs and inspect
};

/// A process that can't be confused with a later one of the same number.
struct ProcessIdentity {
  int64_t pid = 0;
  int64_t start_time = 0;  // ProcessStartTime
};

struct TaskRecord {
  std::string id;  // 32 hexadecimal digits, as in an ECS task ARN
  std::string name;
  Phase phase = Phase::kIntent;
  ProcessIdentity owner;    // who makes it (kIntent), its shim (kLive)
  std::string definition;   // JSON, overrides applied
  int64_t cpu = 0;          // CPU units reserved
  int64_t memory = 0;       // MiB reserved
  std::string stop_reason;  // if it ended without its shim saying so
  WallTime created;
};

/// The addresses that a task's attachment has.
struct AddressRecord {
  std::string task_id;
  std::string attachment_id;
  std::string subnet_id;
  net::Ipv4 address;  // of net::EndpointSubnet() if the subnet has no block of IPv4
  std::optional<net::Ipv6> ipv6_address = {};

  /// Whether the container of that index in the definition has it. An attachment is named after its
  /// task; in bridge mode with a hyphen and the index of its container behind.
  bool IsOf(size_t container) const;
  /// Those by which others reach it.
  std::vector<net::IpAddress> Reachable() const;
};

struct PortRecord {
  std::string task_id;
  std::string container;
  net::Protocol protocol = net::Protocol::kTcp;
  uint16_t host_port = 0;
  uint16_t container_port = 0;
  size_t count = 1;  // of ports in a row that it is the first of: State keeps each by itself
};

/// Who has the say over a security group.
enum class GroupOrigin {
  kOperator,       // `berth sg` on this host
  kScheduler,      // came with a task; kept while there is a task in it
  kConfiguration,  // /etc/berth/berth.json, or built in: not kept in the database
};
/// For messages: "berth sg create", "the scheduler", "the configuration".
std::string_view Name(GroupOrigin origin);

struct GroupRecord {
  std::string id;
  GroupOrigin origin = GroupOrigin::kOperator;
  std::string document;  // ecs::DumpSecurityGroup
};

/// A task is in a group.
struct Membership {
  std::string group_id;
  std::string task_id;
  std::string task_name;
};

/// What the host has to give (ECS's RegisteredResources).
struct HostCapacity {
  int64_t cpu = 0;     // CPU units: 1024 a processor
  int64_t memory = 0;  // MiB
};

/// What a new task wants, for Admit.
struct Wish {
  TaskRecord task;
  struct Interface {
    std::string attachment_id;
    net::Subnet subnet;
    // By a scheduler; nothing: any that is free.
    std::optional<net::Ipv4> given = {};
    std::optional<net::Ipv6> given_ipv6 = {};
    /// It will be in these. A scheduler's are kept as they are here.
    std::vector<GroupRecord> groups = {};
  };
  std::vector<Interface> interfaces;
  std::vector<PortRecord> ports;  // host_port 0: any of `dynamic_ports`, in a row if it is for many
  net::PortRange dynamic_ports;
  HostCapacity capacity;
};

struct Admission {
  std::vector<AddressRecord> addresses;  // one for each of Wish::interfaces
  std::vector<PortRecord> ports;         // each with its host port
};

class State {
 public:
  /// Opens or makes the database file.
  static Result<State> Open(const std::string& path);

  /// Writes the task down with all it takes, or nothing. Refuses a name that a task has already,
  /// and what is more than the host has left: `RESOURCE:MEMORY`, `RESOURCE:CPU`, `RESOURCE:PORTS`.
  Result<Admission> Admit(const Wish& wish);

  Result<std::vector<TaskRecord>> Tasks();
  /// By name, id, or the start of an id (at least 4 digits) that only one task has.
  Result<TaskRecord> Find(std::string_view name_or_id);
  Result<std::vector<AddressRecord>> Addresses(std::string_view task_id);
  Result<std::vector<PortRecord>> Ports(std::string_view task_id);

  Result<void> SetLive(std::string_view task_id, ProcessIdentity shim);
  /// Gives back addresses (which then cool down) and ports. Repeating it is no error.
  Result<void> SetEnded(std::string_view task_id, std::string_view stop_reason);
  /// Gives back the same, and removes the record.
  Result<void> Forget(std::string_view task_id);

  /// The groups of `berth sg`, and those of a scheduler that tasks are in.
  Result<std::vector<GroupRecord>> Groups();
  /// Fails if a group of another origin has the id.
  Result<void> PutGroup(const GroupRecord& group);
  Result<void> DeleteGroup(std::string_view id);
  /// Of all tasks that have not ended.
  Result<std::vector<Membership>> Memberships();
  /// Does `work`, which reads and writes here, as one transaction that survives a power cut.
  /// Whoever also takes the firewall's lock takes that one first.
  Result<void> Atomically(const std::function<Result<void>()>& work);

  /// Does `work` if there is no task, and admits none while it lasts.
  Result<void> IfNoTasks(const std::function<Result<void>()>& work);

 private:
  explicit State(Database database) : database_(std::move(database)) {}
  Result<void> CheckRoom(const Wish& wish);
  Result<void> Release(std::string_view task_id);
  /// One address that is wanted.
  struct AddressWish {
    const std::string& task_id;
    const std::string& attachment_id;
    const net::Subnet& subnet;
    net::IpFamily family;
    std::optional<net::IpAddress> given;
  };
  Result<net::IpAddress> PickAddress(const AddressWish& wish);
  Result<net::IpAddress> TakeAddress(const AddressWish& wish);
  Result<AddressRecord> TakeAddresses(const Wish& wish, const Wish::Interface& interface);
  Result<void> ReleaseAddresses(std::string_view task_id);
  Result<void> JoinGroups(const Wish& wish, const Wish::Interface& interface);
  Result<void> LeaveGroups(std::string_view task_id);
  /// The host port of the first of `port.count` free ones in a row.
  Result<uint16_t> FindPorts(const Wish& wish, const PortRecord& port);
  Result<void> TakePort(const PortRecord& port);

  Database database_;
};

}  // namespace berth::agent
