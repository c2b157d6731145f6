#include "scheduler/test_world.h"

#include <gtest/gtest.h>

#include "ecs/parse.h"
#include "scheduler/iam/new_user.h"

namespace berth::scheduler {

void FakeStore::Put(const std::string& key, std::string value) {
  KeyValue& entry = data_[key];
  entry.key = key;
  entry.value = std::move(value);
  ++entry.version;
}

void FakeStore::Commit(Transaction transaction, Done done) {
  waiting_.emplace_back(std::move(transaction), std::move(done));
  if (!holding_) Deliver();
}

void FakeStore::Deliver(size_t count) {
  for (; count > 0 && !waiting_.empty(); --count) {
    auto [transaction, done] = std::move(waiting_.front());
    waiting_.pop_front();
    done(CarryOut(transaction));
  }
}

Result<TransactionResult> FakeStore::CarryOut(const Transaction& transaction) {
  if (failure_) return *std::exchange(failure_, std::nullopt);
  for (const Compare& compare : transaction.compares) {
    EXPECT_EQ(compare.target, Compare::Target::kVersion);
    const auto found = data_.find(compare.key);
    const int64_t version = found == data_.end() ? 0 : found->second.version;
    if (version != compare.number) return TransactionResult{.succeeded = false};
  }
  for (const Operation& operation : transaction.then) {
    if (operation.kind == Operation::Kind::kPut) {
      Put(operation.range.first, operation.value);
    } else {
      data_.erase(operation.range.first);
    }
  }
  return TransactionResult{.succeeded = true};
}

Result<RangeResult> FakeStore::Range(const RangeRequest& request) {
  RangeResult result;
  for (const auto& [key, entry] : data_) {
    if (request.range.Contains(key)) result.found.push_back(entry);
  }
  return result;
}

void FakeLoop::RunPosted() {
  while (!posted_.empty()) {
    const auto work = std::move(posted_.front());
    posted_.pop_front();
    work();
  }
}

Principal PrincipalWith(PrincipalKind kind, const std::string& name, std::string_view document) {
  auto policy = ParsePolicy(document);
  EXPECT_TRUE(policy) << policy.error().message();
  return {.kind = kind,
          .arn = "arn:aws:iam::123456789012:user/" + name,
          .name = name,
          .policies = {std::move(*policy)}};
}

TestWorld::TestWorld() : world(store, loop.Poster()) {
  EXPECT_TRUE(world.Load());
  world.PutIdentity(
      {.account = "123456789012", .region = "us-east-1", .seal_key = std::string(64, 'a')});
  boss = PrincipalWith(PrincipalKind::kUser, "boss",
                       R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})");
  agent = PrincipalWith(PrincipalKind::kAgent, "agents/one", kAgentPolicy);
  other_agent = PrincipalWith(PrincipalKind::kAgent, "agents/two", kAgentPolicy);
  settings = {.acs_endpoint = "http://127.0.0.1:1/acs/",
              .tcs_endpoint = "http://127.0.0.1:1/tcs/",
              .random = [] { return 0.0; }};
  EXPECT_TRUE(CreateCluster(Operator("CreateCluster"), {}));
  Settle();
}

void TestWorld::Settle() {
  world.ledger().Seal();
  store.Deliver();
  loop.RunPosted();
}

Call TestWorld::As(const Principal& caller, std::string operation) const {
  return Call(const_cast<World&>(world), settings, caller, std::move(operation), now);
}

std::string TestWorld::AddInstance(std::vector<ecs::api::Attribute> attributes) {
  const auto added = RegisterContainerInstance(
      As(agent, "RegisterContainerInstance"),
      {.totalResources = {{.name = "CPU", .type = "INTEGER", .integerValue = 1024},
                          {.name = "MEMORY", .type = "INTEGER", .integerValue = 1000},
                          {.name = "PORTS", .type = "STRINGSET", .stringSetValue = {"22"}},
                          {.name = "PORTS_UDP", .type = "STRINGSET"}},
       .attributes = std::move(attributes)});
  EXPECT_TRUE(added) << added.error().message;
  const std::string id(LastPart(added->containerInstance.containerInstanceArn));
  world.SetConnected(KeyOf(id), true);
  return id;
}

std::string TestWorld::Register(std::string_view json) {
  auto definition = ecs::ParseTaskDefinition(json);
  EXPECT_TRUE(definition) << definition.error().message();
  const auto registered =
      RegisterTaskDefinition(Operator("RegisterTaskDefinition"), std::move(*definition));
  EXPECT_TRUE(registered) << registered.error().message;
  // Of an agent's capabilities the tests' instances have none.
  TaskDefinitionRecord record = *world.task_definitions().Find(
      World::DefinitionKey(registered->taskDefinition.definition.family,
                           registered->taskDefinition.definition.revision.value_or(0)));
  record.registered.requiresAttributes.clear();
  world.PutTaskDefinition(std::move(record));
  return std::string(LastPart(registered->taskDefinition.taskDefinitionArn));
}

void TestWorld::AddRole(const std::string& name, std::string_view service) {
  world.PutRole({.name = name,
                 .arn = As(boss, "").arns().Role(name),
                 .assume_role_policy_document = fmt::format(
                     R"({{"Statement": {{"Effect": "Allow", "Action": "sts:AssumeRole",)"
                     R"( "Principal": {{"Service": "{}"}}}}}})",
                     service)});
}

void TestWorld::AddNetwork() {
  world.PutSubnet({.id = "subnet-a", .cidr_block = "10.0.0.0/24"});
  ecs::SecurityGroup group;
  group.GroupId = ecs::kDefaultGroupId;
  world.PutGroup({.group = std::move(group)});
}

ecs::api::Task TestWorld::Run(ecs::api::RunTaskRequest request) {
  const auto ran = RunTask(Operator("RunTask"), request);
  if (!ran || ran->tasks.empty()) {
    ADD_FAILURE() << (ran ? ran->failures.at(0).reason.value_or("") : ran.error().message);
    return {};
  }
  return ran->tasks.front();
}

const TaskRecord& TestWorld::Record(const ecs::api::Task& task) const {
  return *world.tasks().Find(World::Key("default", LastPart(task.taskArn)));
}

}  // namespace berth::scheduler
