// A small world for tests: a store in memory that fails when told to, and what lives in it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/api/operations.h"
#include "scheduler/model/world.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {

/// A store in memory, as far as the ledger and the tables need one.
class FakeStore : public Store {
 public:
  /// Commits wait for Deliver from now on.
  void Hold() { holding_ = true; }
  /// Carries out the first `count` of those that wait.
  void Deliver(size_t count = SIZE_MAX);
  /// The next transaction to be carried out fails with this.
  void FailNext(Error why) { failure_ = std::move(why); }
  /// Another scheduler has written: the version of the ledger's key moves on.
  void WriteAsAnother() { Put("/ledger", ""); }

  void Commit(Transaction transaction, Done done) override;
  Result<RangeResult> Range(const RangeRequest& request) override;
  std::unique_ptr<Watch> WatchFrom(KeyRange, Revision, OnEvents) override { return nullptr; }
  Result<LeaseId> GrantLease(std::chrono::seconds) override { return MakeError("no leases"); }
  Result<void> KeepLeaseAlive(LeaseId) override { return MakeError("no leases"); }
  Result<void> RevokeLease(LeaseId) override { return MakeError("no leases"); }
  Result<void> Compact(Revision) override { return {}; }

  const std::map<std::string, KeyValue>& data() const { return data_; }
  size_t waiting() const { return waiting_.size(); }

 private:
  void Put(const std::string& key, std::string value);
  Result<TransactionResult> CarryOut(const Transaction& transaction);

  std::map<std::string, KeyValue> data_;
  std::deque<std::pair<Transaction, Done>> waiting_;
  std::optional<Error> failure_;
  bool holding_ = false;
};

/// What was posted to the scheduler's thread, which is the test's.
class FakeLoop {
 public:
  std::function<void(std::function<void()>)> Poster() {
    return [this](std::function<void()> work) { posted_.push_back(std::move(work)); };
  }
  void RunPosted();

 private:
  std::deque<std::function<void()>> posted_;
};

/// A principal whose only policy is `document`.
Principal PrincipalWith(PrincipalKind kind, const std::string& name, std::string_view document);

/// An installation with the cluster "default", an operator who may do everything, and two agents.
class TestWorld {
 public:
  TestWorld();

  /// What has been changed is in the store, and has been told.
  void Settle();
  /// A call at `now`.
  Call As(const Principal& caller, std::string operation) const;
  Call Operator(std::string operation) const { return As(boss, std::move(operation)); }

  /// Registers it, in `cluster`, as `agent`, with 1,024 CPU units and 1,000 MiB, connected. Returns
  /// its id.
  std::string AddInstance(std::vector<ecs::api::Attribute> attributes = {});
  static std::string KeyOf(const std::string& instance) { return World::Key("default", instance); }
  /// Registers a definition; returns "family:revision". A failure is one of the test.
  std::string Register(std::string_view json);
  /// "web": one container, 100 CPU units and 100 MiB.
  std::string RegisterWeb() { return Register(kWeb); }
  void AddRole(const std::string& name, std::string_view service = "ecs-tasks.amazonaws.com");
  /// The subnet "subnet-a", 10.0.0.0/24, and the group "sg-default".
  void AddNetwork();
  /// Runs `request` as the operator; a failure is one of the test. Returns the first task.
  ecs::api::Task Run(ecs::api::RunTaskRequest request);
  ecs::api::Task RunWeb() { return Run({.taskDefinition = "web"}); }
  const TaskRecord& Record(const ecs::api::Task& task) const;

  static constexpr std::string_view kWeb =
      R"({"family": "web", "containerDefinitions": [{"name": "app", "image": "web:1", "cpu": 100,
          "memory": 100}]})";
  /// The same in awsvpc mode.
  static constexpr std::string_view kVpc =
      R"({"family": "vpc", "networkMode": "awsvpc", "containerDefinitions": [
          {"name": "app", "image": "web:1", "cpu": 100, "memory": 100}]})";

  FakeStore store;
  FakeLoop loop;
  World world;
  ApiSettings settings;
  Principal boss, agent, other_agent;
  WallTime now = WallTime(std::chrono::seconds(1'795'000'000));
};

}  // namespace berth::scheduler
