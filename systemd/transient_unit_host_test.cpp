// On a host that systemd runs, in scopes named berth-test-*: that it takes what we send and does
// what we think it does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/text.h"
#include "systemd/host.h"
#include "systemd/manager_version.h"
#include "systemd/transient_unit.h"

namespace berth::systemd {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class TransientUnitHostTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!Booted() || ::geteuid() != 0) GTEST_SKIP() << "needs root on a host that systemd runs";
    auto bus = Bus::System();
    ASSERT_TRUE(bus) << bus.error().message();
    bus_.emplace(std::move(bus).Take());
  }
  void TearDown() override {
    if (bus_) {
      EXPECT_TRUE(StopUnit(*bus_, name_));
    }
    for (Pidfd& process : started_) {
      static_cast<void>(process.Signal(SIGKILL));
      static_cast<void>(process.Reap());
    }
  }

  pid_t Start(const std::string& script = "exec sleep 60") {
    auto process = Spawn({.argv = {"/bin/sh", "-c", script}});
    EXPECT_TRUE(process) << process.error().message();
    started_.push_back(std::move(process).Take());
    return started_.back().pid();
  }
  ScopeRequest Scope(std::vector<UnitProperty> properties = {}) {
    return {.name = name_,
            .slice = "berth-test.slice",
            .description = "a scope of Berth's tests",
            .pids = {Start()},
            .properties = std::move(properties)};
  }
  static std::string Run(const std::string& script) {
    auto ran = RunCommand({.argv = {"/bin/sh", "-c", script}});
    EXPECT_TRUE(ran) << ran.error().message();
    return std::string(Trim(ran->out));
  }
  // As `systemctl show` has it.
  std::string Shown(const std::string& property) const {
    return Run("systemctl show --value -p " + property + " " + name_);
  }

  const std::string name_ = "berth-test-" + RandomHex(4) + ".scope";
  std::optional<Bus> bus_;
  std::vector<Pidfd> started_;
};

TEST_F(TransientUnitHostTest, ScopeHoldsItsProcessesInItsSlice) {
  const ScopeRequest request = Scope();
  const auto cgroup = StartScope(*bus_, request);
  ASSERT_TRUE(cgroup) << cgroup.error().message();
  // A dash in a slice's name is a level.
  EXPECT_THAT(*cgroup, EndsWith("/berth.slice/berth-test.slice/" + name_));
  EXPECT_THAT(*ReadFile(fmt::format("/proc/{}/cgroup", request.pids.front())), HasSubstr(*cgroup));
  EXPECT_EQ(Shown("ActiveState"), "active");
  EXPECT_EQ(Shown("Description"), request.description);
  EXPECT_EQ(Shown("Delegate"), "yes");
  EXPECT_EQ(Shown("CollectMode"), "inactive-or-failed");
  EXPECT_EQ(Shown("DefaultDependencies"), "no");
  EXPECT_EQ(*ScopeControlGroup(*bus_, name_), *cgroup);
}

TEST_F(TransientUnitHostTest, ScopeHasTheLimitsAskedForAndNoOthers) {
  ASSERT_TRUE(StartScope(*bus_, Scope({{"MemoryMax", uint64_t{64 << 20}},
                                       {"CPUWeight", uint64_t{321}},
                                       {"CPUQuotaPerSecUSec", uint64_t{250'000}},
                                       {"AllowedCPUs", std::vector<uint8_t>{1}},
                                       {"IOReadBandwidthMax", std::vector<DeviceValue>{}}})));
  EXPECT_EQ(Shown("MemoryMax"), "67108864");
  EXPECT_EQ(Shown("CPUWeight"), "321");
  EXPECT_EQ(Shown("CPUQuotaPerSecUSec"), "250ms");
  EXPECT_EQ(Shown("AllowedCPUs"), "0");
  EXPECT_EQ(Shown("TasksMax"), "infinity");
  EXPECT_EQ(Shown("MemoryHigh"), "infinity");
}

TEST_F(TransientUnitHostTest, PropertiesCanBeChangedLater) {
  ASSERT_TRUE(StartScope(*bus_, Scope({{"TasksMax", uint64_t{7}}})));
  EXPECT_EQ(Shown("TasksMax"), "7");
  const std::vector<UnitProperty> properties = {{"TasksMax", uint64_t{9}},
                                                {"MemoryHigh", uint64_t{32 << 20}}};
  const auto set = SetUnitProperties(*bus_, name_, properties);
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(Shown("TasksMax"), "9");
  EXPECT_EQ(Shown("MemoryHigh"), "33554432");
}

TEST_F(TransientUnitHostTest, PropertyThatSystemdRefusesIsNamed) {
  const auto unknown = StartScope(*bus_, Scope({{"MemoryMost", uint64_t{1}}}));
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("start " + name_));
  EXPECT_THAT(unknown.error().message(), HasSubstr("MemoryMost"));
  const auto mistyped = StartScope(*bus_, Scope({{"MemoryMax", "much"}}));
  ASSERT_FALSE(mistyped);
  const auto too_little = StartScope(*bus_, Scope({{"TasksMax", uint64_t{0}}}));
  ASSERT_FALSE(too_little);
  EXPECT_THAT(too_little.error().message(), HasSubstr("TasksMax"));
}

TEST_F(TransientUnitHostTest, OneRefusedPropertyChangesNone) {
  ASSERT_TRUE(StartScope(*bus_, Scope({{"TasksMax", uint64_t{7}}})));
  const std::vector<UnitProperty> properties = {{"TasksMax", uint64_t{9}},
                                                {"MemoryMost", uint64_t{1}}};
  EXPECT_FALSE(SetUnitProperties(*bus_, name_, properties));
  EXPECT_EQ(Shown("TasksMax"), "7");
}

TEST_F(TransientUnitHostTest, StopEndsTheProcessesAndTheUnit) {
  ASSERT_TRUE(StartScope(*bus_, Scope()));
  const auto stopped = StopUnit(*bus_, name_);
  EXPECT_TRUE(stopped) << stopped.error().message();
  const auto status = started_.front().Reap();
  ASSERT_TRUE(status);
  EXPECT_EQ(Shown("LoadState"), "not-found");
  EXPECT_TRUE(StopUnit(*bus_, name_));
  EXPECT_TRUE(ResetFailed(*bus_, name_));
  const auto cgroup = ScopeControlGroup(*bus_, name_);
  ASSERT_FALSE(cgroup);
  EXPECT_TRUE(cgroup.error().Is(ENOENT)) << cgroup.error().message();
}

TEST_F(TransientUnitHostTest, UnitGoesWithItsLastProcess) {
  ASSERT_TRUE(StartScope(*bus_, Scope()));
  ASSERT_TRUE(started_.front().Signal(SIGKILL));
  ASSERT_TRUE(started_.front().Reap());
  for (int i = 0; i < 100 && Shown("LoadState") != "not-found"; ++i) ::usleep(20'000);
  EXPECT_EQ(Shown("LoadState"), "not-found");
}

TEST_F(TransientUnitHostTest, LivingUnitOfThatNameIsAnErrorAndGoesOn) {
  const ScopeRequest first = Scope();
  ASSERT_TRUE(StartScope(*bus_, first));
  const auto second = StartScope(*bus_, Scope());
  ASSERT_FALSE(second);
  EXPECT_TRUE(second.error().Is(EEXIST)) << second.error().message();
  EXPECT_EQ(Shown("ActiveState"), "active");
}

TEST_F(TransientUnitHostTest, FailedUnitOfThatNameIsReplaced) {
  Run("systemd-run --quiet --scope --unit=" + name_ + " -p RuntimeMaxSec=100ms sleep 60");
  ASSERT_EQ(Shown("ActiveState"), "failed");
  const auto started = StartScope(*bus_, Scope());
  EXPECT_TRUE(started) << started.error().message();
  EXPECT_EQ(Shown("ActiveState"), "active");
}

TEST_F(TransientUnitHostTest, ProcessThatIsGoneIsAnError) {
  ScopeRequest request = Scope();
  ASSERT_TRUE(started_.front().Signal(SIGKILL));
  ASSERT_TRUE(started_.front().Reap());
  const auto started = StartScope(*bus_, request);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().message(), HasSubstr("start " + name_));
}

TEST_F(TransientUnitHostTest, ManagerVersionIsThatOfSystemctl) {
  const auto version = ManagerVersion(*bus_);
  ASSERT_TRUE(version) << version.error().message();
  EXPECT_THAT(Run("systemctl --version"), HasSubstr(fmt::format("systemd {} ", *version)));
}

TEST_F(TransientUnitHostTest, WithoutADBusDaemonTheManagerIsAskedItself) {
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
  auto direct = Bus::System();
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  ASSERT_TRUE(direct) << direct.error().message();
  const auto started = StartScope(*direct, Scope());
  EXPECT_TRUE(started) << started.error().message();
  const auto stopped = StopUnit(*direct, name_);
  EXPECT_TRUE(stopped) << stopped.error().message();
}

}  // namespace
}  // namespace berth::systemd
