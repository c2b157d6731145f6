// World: all that the scheduler knows, in memory and written down through the ledger.
//
// Belongs to the scheduler's thread. Reading is free; each Put and Erase keeps what is worked out
// (counts, what instances have left, who is where) in step with the records.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "ecs/wire/tcs_message.h"
#include "scheduler/model/ledger.h"
#include "scheduler/model/records.h"
#include "scheduler/model/table.h"
#include "scheduler/placement/instance.h"

namespace berth::scheduler {

/// How many tasks of a cluster or an instance stand where. Stopped ones do not count.
struct TaskCounts {
  int64_t running = 0;
  int64_t pending = 0;
};

/// Instances of ECS Anywhere take only tasks of launch type EXTERNAL, and those go nowhere else.
enum class Hosts { kAll, kExternal, kNotExternal };

class World {
 public:
  World(Store& store, std::function<void(std::function<void()>)> post);
  ~World();

  /// Reads everything from the store, in place of what was here. No instance counts as connected
  /// afterwards, unless it was before. Errors name the record that can't be read.
  Result<void> Load();

  Ledger& ledger() { return ledger_; }

  const IdentityRecord& identity() const;
  void PutIdentity(IdentityRecord record);

  // Keys: clusters by name; task definitions as "family:revision" with the revision in 10 digits;
  // instances and tasks as "cluster/id"; the rest by id or name.
  const Table<ClusterRecord>& clusters() const { return clusters_; }
  const Table<FamilyRecord>& families() const { return families_; }
  const Table<TaskDefinitionRecord>& task_definitions() const { return task_definitions_; }
  const Table<InstanceRecord>& instances() const { return instances_; }
  const Table<TaskRecord>& tasks() const { return tasks_; }
  const Table<InterfaceRecord>& interfaces() const { return interfaces_; }
  const Table<SubnetRecord>& subnets() const { return subnets_; }
  const Table<SecurityGroupRecord>& groups() const { return groups_; }
  const Table<RoleRecord>& roles() const { return roles_; }
  const Table<UserRecord>& users() const { return users_; }
  const Table<AccessKeyRecord>& access_keys() const { return access_keys_; }
  const Table<ClientTokenRecord>& client_tokens() const { return client_tokens_; }

  static std::string Key(std::string_view cluster, std::string_view id);
  static std::string DefinitionKey(std::string_view family, int64_t revision);

  const ClusterRecord& PutCluster(ClusterRecord record);
  void EraseCluster(const std::string& name);
  const TaskDefinitionRecord& PutTaskDefinition(TaskDefinitionRecord record);
  void EraseTaskDefinition(const std::string& key);
  void PutFamily(FamilyRecord record);
  const InstanceRecord& PutInstance(InstanceRecord record);
  /// Its tasks are not touched.
  void EraseInstance(const std::string& key);
  /// Its version grows if what ECS shows of the task has changed.
  const TaskRecord& PutTask(TaskRecord record);
  void EraseTask(const std::string& key);
  const InterfaceRecord& PutInterface(InterfaceRecord record);
  void EraseInterface(const std::string& id);
  void PutSubnet(SubnetRecord record);
  void EraseSubnet(const std::string& id);
  void PutGroup(SecurityGroupRecord record);
  void PutRole(RoleRecord record);
  void EraseRole(const std::string& name);
  void PutUser(UserRecord record);
  /// Its access keys are not touched.
  void EraseUser(const std::string& name);
  void PutAccessKey(AccessKeyRecord record);
  void EraseAccessKey(const std::string& id);
  void PutClientToken(ClientTokenRecord record);
  void EraseClientToken(const std::string& key);

  /// The next number for a payload or manifest of this instance.
  int64_t NextSequence(const std::string& instance_key);

  // -- what is worked out
  // ---------------------------------------------------------------------------

  /// Whether its agent has a connection now. Not written down.
  void SetConnected(const std::string& instance_key, bool connected);
  bool Connected(const std::string& instance_key) const;

  TaskCounts CountsOfCluster(std::string_view cluster) const;
  TaskCounts CountsOfInstance(const std::string& instance_key) const;
  int64_t InstancesOf(std::string_view cluster) const;

  /// The instances of a cluster as placement sees them. Good until an instance is put or erased.
  std::span<const placement::Instance* const> Candidates(std::string_view cluster,
                                                         Hosts which = Hosts::kAll) const;
  const placement::Instance* Candidate(const std::string& instance_key) const;

  /// Keys of the tasks that were placed on an instance and have not stopped.
  const std::set<std::string>& TasksOn(const std::string& instance_key) const;

  /// The last metrics that an agent reported of a task. Not written down; gone with the task.
  void PutMetrics(const std::string& task_key, ecs::wire::TaskMetric metric);
  const ecs::wire::TaskMetric* MetricsOf(const std::string& task_key) const;

  /// Addresses of a subnet that interfaces have.
  const std::set<std::string>& AddressesOf(std::string_view subnet) const;

  /// Keys of the instances for whose agents something may have changed since the last call: their
  /// tasks were put, or they were.
  std::set<std::string> TakeTouched();

 private:
  struct Derived;
  void CountTask(const TaskRecord& record, int direction);
  void RebuildDerived();

  Store& store_;
  Ledger ledger_;
  Table<IdentityRecord> identity_;
  Table<ClusterRecord> clusters_;
  Table<FamilyRecord> families_;
  Table<TaskDefinitionRecord> task_definitions_;
  Table<InstanceRecord> instances_;
  Table<SequenceRecord> sequences_;
  Table<TaskRecord> tasks_;
  Table<InterfaceRecord> interfaces_;
  Table<SubnetRecord> subnets_;
  Table<SecurityGroupRecord> groups_;
  Table<RoleRecord> roles_;
  Table<UserRecord> users_;
  Table<AccessKeyRecord> access_keys_;
  Table<ClientTokenRecord> client_tokens_;
  std::unique_ptr<Derived> derived_;
};

}  // namespace berth::scheduler
