#include "systemd/transient_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "systemd/fake_manager.h"
#include "systemd/manager_version.h"

namespace berth::systemd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kUnitExists = "org.freedesktop.systemd1.UnitExists";
constexpr const char* kNoSuchUnit = "org.freedesktop.systemd1.NoSuchUnit";
constexpr const char* kStartCall = "StartTransientUnit ssa(sv)a(sa(sv)) berth-1.scope";

Result<Bus> ConnectTo(const FakeManager& manager) {
  return Bus::Direct(manager.address(), std::chrono::milliseconds(300));
}

ScopeRequest Scope() { return {.name = "berth-1.scope", .pids = {42}}; }

TEST(TransientUnit, ScopeIsStartedAndItsCgroupToldWhenTheJobIsDone) {
  FakeManager manager({{"StartTransientUnit", AnswerJob("done")},
                       {"Get", AnswerStringProperty("/berth.slice/berth-1.scope")}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus) << bus.error().message();
  auto started = StartScope(*bus, Scope());
  ASSERT_TRUE(started) << started.error().message();
  EXPECT_EQ(*started, "/berth.slice/berth-1.scope");
  EXPECT_THAT(manager.Calls(), ElementsAre(kStartCall, "Get ss org.freedesktop.systemd1.Scope"));
}

TEST(TransientUnit, EveryKindOfPropertyIsWrittenWithItsType) {
  std::vector<std::string> read;
  FakeManager manager({{"SetUnitProperties", [&](sd_bus_message* call) {
                          const char* unit = nullptr;
                          int runtime = 0;
                          ::sd_bus_message_read(call, "sb", &unit, &runtime);
                          read.push_back(runtime != 0 ? "runtime" : "persistent");
                          ::sd_bus_message_enter_container(call, 'a', "(sv)");
                          while (::sd_bus_message_enter_container(call, 'r', "sv") > 0) {
                            const char* name = nullptr;
                            const char* type = nullptr;
                            ::sd_bus_message_read(call, "s", &name);
                            ::sd_bus_message_peek_type(call, nullptr, &type);
                            read.push_back(fmt::format("{} {}", name, type));
                            ::sd_bus_message_skip(call, "v");
                            ::sd_bus_message_exit_container(call);
                          }
                          return ::sd_bus_reply_method_return(call, "");
                        }}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const std::vector<UnitProperty> properties = {
      {"MemoryMax", uint64_t{1}},
      {"Nice", int64_t{-1}},
      {"OOMScoreAdjust", uint32_t{1}},
      {"KillSignal", int32_t{37}},
      {"Delegate", true},
      {"Slice", "berth.slice"},
      {"PIDs", std::vector<uint32_t>{1, 2}},
      {"AllowedCPUs", std::vector<uint8_t>{3}},
      {"IOReadBandwidthMax", std::vector<DeviceValue>{{.path = "/dev/sda", .value = 1}}},
      {"Wants", std::vector<std::string>{"a.service", "b.service"}}};
  const auto set = SetUnitProperties(*bus, "berth-1.scope", properties);
  EXPECT_TRUE(set) << set.error().message();
  manager.Calls();
  EXPECT_THAT(read, ElementsAre("runtime", "MemoryMax t", "Nice x", "OOMScoreAdjust u",
                                "KillSignal i", "Delegate b", "Slice s", "PIDs au",
                                "AllowedCPUs ay", "IOReadBandwidthMax a(st)", "Wants as"));
}

TEST(TransientUnit, FailedUnitOfThatNameIsResetAndTheStartTriedOnceMore) {
  FakeManager manager(
      {{"StartTransientUnit", InTurn({AnswerError(kUnitExists, "exists"), AnswerJob("done")})},
       {"ResetFailedUnit", AnswerNothing()},
       {"Get", AnswerStringProperty("/berth.slice/berth-1.scope")}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  EXPECT_TRUE(StartScope(*bus, Scope()));
  EXPECT_THAT(manager.Calls(), ElementsAre(kStartCall, "ResetFailedUnit s berth-1.scope",
                                           kStartCall, "Get ss org.freedesktop.systemd1.Scope"));
}

TEST(TransientUnit, LivingUnitOfThatNameIsAnError) {
  FakeManager manager({{"StartTransientUnit", AnswerError(kUnitExists, "Unit was already loaded.")},
                       {"ResetFailedUnit", AnswerNothing()}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto started = StartScope(*bus, Scope());
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().Is(EEXIST));
  EXPECT_EQ(
      started.error().message(),
      "start berth-1.scope: systemd: StartTransientUnit berth-1.scope: Unit was already loaded.");
}

TEST(TransientUnit, JobThatFailsIsAnErrorThatNamesItsResult) {
  FakeManager manager(
      {{"StartTransientUnit", AnswerJob("canceled")}, {"ResetFailedUnit", AnswerNothing()}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto started = StartScope(*bus, Scope());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(),
            "start berth-1.scope: systemd's job ended with result 'canceled'");
}

TEST(TransientUnit, JobThatNeverEndsTimesOut) {
  FakeManager manager(
      {{"StartTransientUnit", AnswerJob(nullptr)}, {"ResetFailedUnit", AnswerNothing()}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto started = StartScope(*bus, Scope());
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().Is(ETIMEDOUT));
  EXPECT_EQ(started.error().message(),
            "start berth-1.scope: systemd's job has not ended within 0.3 s");
}

TEST(TransientUnit, CallThatIsNeverAnsweredTimesOut) {
  FakeManager manager({});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto set = SetUnitProperties(*bus, "berth-1.scope", {});
  ASSERT_FALSE(set);
  EXPECT_TRUE(set.error().Is(ETIMEDOUT));
  EXPECT_EQ(set.error().message(),
            "systemd: SetUnitProperties berth-1.scope: no answer within 0.3 s");
}

TEST(TransientUnit, ScopeWithoutProcessesIsRefused) {
  FakeManager manager({});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto started = StartScope(*bus, {.name = "berth-1.scope"});
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().Is(EINVAL));
  EXPECT_THAT(manager.Calls(), ElementsAre());
}

TEST(TransientUnit, ScopeThatIsOverAtOnceIsAnError) {
  FakeManager manager(
      {{"StartTransientUnit", AnswerJob("done")}, {"Get", AnswerStringProperty("")}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto started = StartScope(*bus, Scope());
  ASSERT_FALSE(started);
  EXPECT_TRUE(started.error().Is(ENOENT));
}

TEST(TransientUnit, StopWaitsForTheJobAndForgetsAFailure) {
  FakeManager manager({{"StopUnit", AnswerJob("done")}, {"ResetFailedUnit", AnswerNothing()}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  EXPECT_TRUE(StopUnit(*bus, "berth-1.scope"));
  EXPECT_THAT(manager.Calls(),
              ElementsAre("StopUnit ss berth-1.scope", "ResetFailedUnit s berth-1.scope"));
}

TEST(TransientUnit, UnitThatIsNotThereNeedsNoStop) {
  FakeManager manager({{"StopUnit", AnswerError(kNoSuchUnit, "not loaded")},
                       {"ResetFailedUnit", AnswerError(kNoSuchUnit, "not loaded")}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  EXPECT_TRUE(StopUnit(*bus, "berth-1.scope"));
}

TEST(TransientUnit, StopThatFailsIsAnError) {
  FakeManager manager({{"StopUnit", AnswerJob("timeout")}, {"ResetFailedUnit", AnswerNothing()}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto stopped = StopUnit(*bus, "berth-1.scope");
  ASSERT_FALSE(stopped);
  EXPECT_THAT(stopped.error().message(), HasSubstr("stop berth-1.scope: "));
  EXPECT_THAT(stopped.error().message(), HasSubstr("'timeout'"));
}

TEST(ManagerVersion, IsAsked) {
  FakeManager manager({{"Get", AnswerStringProperty("252.39-1~deb12u1")}});
  auto bus = ConnectTo(manager);
  ASSERT_TRUE(bus);
  const auto version = ManagerVersion(*bus);
  ASSERT_TRUE(version) << version.error().message();
  EXPECT_EQ(*version, 252);
}

TEST(ManagerVersion, IsTheNumberInFront) {
  EXPECT_EQ(ParseManagerVersion("252").ValueOr(0), 252);
  EXPECT_EQ(ParseManagerVersion("v245.4-1.fc32").ValueOr(0), 245);
  EXPECT_EQ(ParseManagerVersion("256~rc1").ValueOr(0), 256);
  EXPECT_FALSE(ParseManagerVersion("main"));
  EXPECT_FALSE(ParseManagerVersion(""));
}

}  // namespace
}  // namespace berth::systemd
