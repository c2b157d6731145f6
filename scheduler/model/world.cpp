#include "scheduler/model/world.h"

#include <algorithm>
#include <array>

#include "scheduler/model/instance_view.h"

namespace berth::scheduler {
namespace {

std::vector<std::string> AddressesIn(const InterfaceRecord& record) {
  std::vector<std::string> addresses;
  for (const std::string& address : {record.address, record.ipv6_address}) {
    if (!address.empty()) addresses.push_back(address);
  }
  return addresses;
}

bool IsStopped(const TaskRecord& record) { return record.task.lastStatus == "STOPPED"; }
bool IsRunning(const TaskRecord& record) { return record.task.lastStatus == "RUNNING"; }

void Count(TaskCounts& counts, const TaskRecord& record, int direction) {
  if (IsStopped(record)) return;
  (IsRunning(record) ? counts.running : counts.pending) += direction;
}

}  // namespace

// What follows from the records. Everything here can be thrown away and built again.
struct World::Derived {
  struct Cluster {
    TaskCounts counts;
    // By the id of the instance, which is the order of candidates, too.
    std::map<std::string, std::unique_ptr<placement::Instance>, std::less<>> instances;
    // In the order of Hosts. Worked out when they are asked for.
    mutable std::array<std::vector<const placement::Instance*>, 3> candidates;
    mutable bool candidates_current = false;

    const std::vector<const placement::Instance*>& Candidates(Hosts which) const;
  };

  std::map<std::string, Cluster, std::less<>> clusters;
  std::unordered_map<std::string, TaskCounts> instance_counts;
  std::unordered_map<std::string, std::set<std::string>> tasks_on;
  std::set<std::string> connected;                                      // keys of instances
  std::map<std::string, std::set<std::string>, std::less<>> addresses;  // by subnet
  std::unordered_map<std::string, ecs::wire::TaskMetric> metrics;       // by key of the task
  std::set<std::string> touched;                                        // keys of instances

  placement::Instance* Find(std::string_view cluster, std::string_view id) {
    const auto found = clusters.find(cluster);
    if (found == clusters.end()) return nullptr;
    const auto instance = found->second.instances.find(id);
    return instance == found->second.instances.end() ? nullptr : instance->second.get();
  }
};

const std::vector<const placement::Instance*>& World::Derived::Cluster::Candidates(
    Hosts which) const {
  static const placement::Name kExternal("ecs.capability.external");
  if (!candidates_current) {
    for (auto& list : candidates) list.clear();
    for (const auto& [id, view] : instances) {
      const bool external = view->attributes.Contains(kExternal);
      for (const Hosts each : {Hosts::kAll, external ? Hosts::kExternal : Hosts::kNotExternal}) {
        candidates[static_cast<size_t>(each)].push_back(view.get());
      }
    }
    candidates_current = true;
  }
  return candidates[static_cast<size_t>(which)];
}

World::World(Store& store, std::function<void(std::function<void()>)> post)
    : store_(store),
      ledger_(store, std::move(post)),
      identity_("/identity/", ledger_),
      clusters_("/clusters/", ledger_),
      families_("/families/", ledger_),
      task_definitions_("/task-definitions/", ledger_),
      instances_("/instances/", ledger_),
      sequences_("/sequences/", ledger_),
      tasks_("/tasks/", ledger_),
      interfaces_("/interfaces/", ledger_),
      subnets_("/subnets/", ledger_),
      groups_("/security-groups/", ledger_),
      roles_("/roles/", ledger_),
      users_("/users/", ledger_),
      access_keys_("/access-keys/", ledger_),
      client_tokens_("/client-tokens/", ledger_),
      derived_(std::make_unique<Derived>()) {}

World::~World() = default;

Result<void> World::Load() {
  TRY(ledger_.Begin());
  TRY(identity_.Load(store_));
  TRY(clusters_.Load(store_));
  TRY(families_.Load(store_));
  TRY(task_definitions_.Load(store_));
  TRY(instances_.Load(store_));
  TRY(sequences_.Load(store_));
  TRY(tasks_.Load(store_));
  TRY(interfaces_.Load(store_));
  TRY(subnets_.Load(store_));
  TRY(groups_.Load(store_));
  TRY(roles_.Load(store_));
  TRY(users_.Load(store_));
  TRY(access_keys_.Load(store_));
  TRY(client_tokens_.Load(store_));
  RebuildDerived();
  return {};
}

void World::RebuildDerived() {
  auto fresh = std::make_unique<Derived>();
  fresh->connected = std::move(derived_->connected);
  derived_ = std::move(fresh);
  for (const auto& [key, record] : instances_.all()) {
    auto view = std::make_unique<placement::Instance>();
    Describe(record, *view);
    view->agent_connected = derived_->connected.contains(key);
    derived_->clusters[record.cluster].instances[record.id] = std::move(view);
  }
  for (const auto& [key, record] : tasks_.all()) CountTask(record, 1);
  for (const auto& [key, record] : interfaces_.all()) {
    for (const std::string& address : AddressesIn(record)) {
      derived_->addresses[record.subnet_id].insert(address);
    }
  }
}

std::string World::Key(std::string_view cluster, std::string_view id) {
  return fmt::format("{}/{}", cluster, id);
}

std::string World::DefinitionKey(std::string_view family, int64_t revision) {
  return fmt::format("{}:{:010}", family, revision);
}

const IdentityRecord& World::identity() const {
  static const IdentityRecord kNone;
  const IdentityRecord* record = identity_.Find("installation");
  return record != nullptr ? *record : kNone;
}

void World::PutIdentity(IdentityRecord record) { identity_.Put("installation", std::move(record)); }

const ClusterRecord& World::PutCluster(ClusterRecord record) {
  const std::string name = record.cluster.clusterName;
  return clusters_.Put(name, std::move(record));
}

void World::EraseCluster(const std::string& name) { clusters_.Erase(name); }

const TaskDefinitionRecord& World::PutTaskDefinition(TaskDefinitionRecord record) {
  const ecs::TaskDefinition& definition = record.registered.definition;
  const std::string key = DefinitionKey(definition.family, definition.revision.value_or(0));
  return task_definitions_.Put(key, std::move(record));
}

void World::EraseTaskDefinition(const std::string& key) { task_definitions_.Erase(key); }

void World::PutFamily(FamilyRecord record) {
  const std::string family = record.family;
  families_.Put(family, std::move(record));
}

const InstanceRecord& World::PutInstance(InstanceRecord record) {
  const std::string key = Key(record.cluster, record.id);
  const InstanceRecord& stored = instances_.Put(key, std::move(record));
  Derived::Cluster& cluster = derived_->clusters[stored.cluster];
  auto& view = cluster.instances[stored.id];
  if (!view) view = std::make_unique<placement::Instance>();
  cluster.candidates_current = false;
  Describe(stored, *view);
  for (const std::string& task : TasksOn(key)) {
    if (const TaskRecord* there = tasks_.Find(task)) Occupy(*view, *there);
  }
  view->agent_connected = derived_->connected.contains(key);
  derived_->touched.insert(key);
  return stored;
}

void World::EraseInstance(const std::string& key) {
  if (const InstanceRecord* record = instances_.Find(key)) {
    Derived::Cluster& cluster = derived_->clusters[record->cluster];
    cluster.instances.erase(record->id);
    cluster.candidates_current = false;
    derived_->connected.erase(key);
    derived_->touched.insert(key);
    // Tasks that are still there count on, as they would after a reload.
    if (TasksOn(key).empty()) {
      derived_->instance_counts.erase(key);
      derived_->tasks_on.erase(key);
    }
  }
  instances_.Erase(key);
  sequences_.Erase(key);
}

void World::CountTask(const TaskRecord& record, int direction) {
  Count(derived_->clusters[record.cluster].counts, record, direction);
  if (record.instance.empty()) return;
  const std::string instance_key = Key(record.cluster, record.instance);
  Count(derived_->instance_counts[instance_key], record, direction);
  std::set<std::string>& there = derived_->tasks_on[instance_key];
  if (direction > 0 && !IsStopped(record)) {
    there.insert(Key(record.cluster, record.id));
  } else {
    there.erase(Key(record.cluster, record.id));
  }
  if (placement::Instance* view = derived_->Find(record.cluster, record.instance)) {
    direction > 0 ? Occupy(*view, record) : Vacate(*view, record);
  }
}

const TaskRecord& World::PutTask(TaskRecord record) {
  const std::string key = Key(record.cluster, record.id);
  const TaskRecord* before = tasks_.Find(key);
  if (before != nullptr) CountTask(*before, -1);
  // What only the scheduler knows of a task, such as its delivery, is no change that anybody sees.
  if (before == nullptr || !(record.task == before->task)) ++record.task.version;
  const TaskRecord& stored = tasks_.Put(key, std::move(record));
  CountTask(stored, 1);
  if (IsStopped(stored)) derived_->metrics.erase(key);
  if (!stored.instance.empty()) derived_->touched.insert(Key(stored.cluster, stored.instance));
  return stored;
}

void World::EraseTask(const std::string& key) {
  if (const TaskRecord* before = tasks_.Find(key)) CountTask(*before, -1);
  tasks_.Erase(key);
}

const InterfaceRecord& World::PutInterface(InterfaceRecord record) {
  if (const InterfaceRecord* before = interfaces_.Find(record.id)) {
    for (const std::string& address : AddressesIn(*before)) {
      derived_->addresses[before->subnet_id].erase(address);
    }
  }
  for (const std::string& address : AddressesIn(record)) {
    derived_->addresses[record.subnet_id].insert(address);
  }
  const std::string id = record.id;
  return interfaces_.Put(id, std::move(record));
}

void World::EraseInterface(const std::string& id) {
  if (const InterfaceRecord* record = interfaces_.Find(id)) {
    for (const std::string& address : AddressesIn(*record)) {
      derived_->addresses[record->subnet_id].erase(address);
    }
  }
  interfaces_.Erase(id);
}

void World::PutSubnet(SubnetRecord record) {
  const std::string id = record.id;
  subnets_.Put(id, std::move(record));
}

void World::EraseSubnet(const std::string& id) { subnets_.Erase(id); }

void World::PutGroup(SecurityGroupRecord record) {
  const std::string id = record.group.GroupId;
  groups_.Put(id, std::move(record));
}

void World::PutRole(RoleRecord record) {
  const std::string name = record.name;
  roles_.Put(name, std::move(record));
}

void World::EraseRole(const std::string& name) { roles_.Erase(name); }

void World::PutUser(UserRecord record) {
  const std::string name = record.name;
  users_.Put(name, std::move(record));
}

void World::EraseUser(const std::string& name) { users_.Erase(name); }

void World::PutAccessKey(AccessKeyRecord record) {
  const std::string id = record.access_key_id;
  access_keys_.Put(id, std::move(record));
}

void World::EraseAccessKey(const std::string& id) { access_keys_.Erase(id); }

void World::PutClientToken(ClientTokenRecord record) {
  const std::string key = Key(record.cluster, record.token);
  client_tokens_.Put(key, std::move(record));
}

void World::EraseClientToken(const std::string& key) { client_tokens_.Erase(key); }

int64_t World::NextSequence(const std::string& instance_key) {
  const SequenceRecord* known = sequences_.Find(instance_key);
  return sequences_.Put(instance_key, {.last = known == nullptr ? 1 : known->last + 1}).last;
}

void World::SetConnected(const std::string& instance_key, bool connected) {
  const InstanceRecord* record = instances_.Find(instance_key);
  if (connected && record != nullptr) {
    derived_->connected.insert(instance_key);
  } else {
    derived_->connected.erase(instance_key);
  }
  if (record == nullptr) return;
  placement::Instance* view = derived_->Find(record->cluster, record->id);
  if (view != nullptr) view->agent_connected = connected;
}

bool World::Connected(const std::string& instance_key) const {
  return derived_->connected.contains(instance_key);
}

TaskCounts World::CountsOfCluster(std::string_view cluster) const {
  const auto found = derived_->clusters.find(cluster);
  return found == derived_->clusters.end() ? TaskCounts() : found->second.counts;
}

TaskCounts World::CountsOfInstance(const std::string& instance_key) const {
  const auto found = derived_->instance_counts.find(instance_key);
  return found == derived_->instance_counts.end() ? TaskCounts() : found->second;
}

int64_t World::InstancesOf(std::string_view cluster) const {
  return static_cast<int64_t>(Candidates(cluster).size());
}

std::span<const placement::Instance* const> World::Candidates(std::string_view cluster,
                                                              Hosts which) const {
  const auto found = derived_->clusters.find(cluster);
  if (found == derived_->clusters.end()) return {};
  return found->second.Candidates(which);
}

const placement::Instance* World::Candidate(const std::string& instance_key) const {
  const InstanceRecord* record = instances_.Find(instance_key);
  return record == nullptr ? nullptr : derived_->Find(record->cluster, record->id);
}

const std::set<std::string>& World::TasksOn(const std::string& instance_key) const {
  static const std::set<std::string> kNone;
  const auto found = derived_->tasks_on.find(instance_key);
  return found == derived_->tasks_on.end() ? kNone : found->second;
}

void World::PutMetrics(const std::string& task_key, ecs::wire::TaskMetric metric) {
  const TaskRecord* record = tasks_.Find(task_key);
  if (record == nullptr || IsStopped(*record)) return;
  derived_->metrics.insert_or_assign(task_key, std::move(metric));
}

const ecs::wire::TaskMetric* World::MetricsOf(const std::string& task_key) const {
  const auto found = derived_->metrics.find(task_key);
  return found == derived_->metrics.end() ? nullptr : &found->second;
}

const std::set<std::string>& World::AddressesOf(std::string_view subnet) const {
  static const std::set<std::string> kNone;
  const auto found = derived_->addresses.find(subnet);
  return found == derived_->addresses.end() ? kNone : found->second;
}

std::set<std::string> World::TakeTouched() { return std::exchange(derived_->touched, {}); }

}  // namespace berth::scheduler
