// On a host that systemd runs, in scopes named berth-test-*: that its properties mean to it what
// the settings mean to the kernel.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/systemd_properties.h"
#include "systemd/host.h"
#include "systemd/manager_version.h"
#include "systemd/transient_unit.h"

namespace berth::cgroups {
namespace {

class SystemdPropertiesHostTest : public testing::Test {
 protected:
  void SetUp() override {
    hierarchy_ = *DetectHierarchy();
    if (!systemd::Booted() || ::geteuid() != 0) {
      GTEST_SKIP() << "needs root on a host that systemd runs";
    }
    for (const char* controller : {"cpu", "cpuset", "memory", "pids"}) {
      if (!hierarchy_.HasController(controller))
        GTEST_SKIP() << "needs the controller " << controller;
    }
    auto bus = systemd::Bus::System();
    ASSERT_TRUE(bus) << bus.error().message();
    bus_.emplace(std::move(bus).Take());
    version_ = systemd::ManagerVersion(*bus_).ValueOr(0);
  }
  void TearDown() override {
    if (!bus_) return;
    EXPECT_TRUE(systemd::StopUnit(*bus_, name_));
    if (process_) {
      EXPECT_TRUE(process_.Reap());
    }
  }

  void Start(const Limits& limits) {
    auto process = Spawn({.argv = {"/bin/sleep", "60"}});
    ASSERT_TRUE(process) << process.error().message();
    process_ = std::move(process).Take();
    const auto path = systemd::StartScope(
        *bus_, {.name = name_,
                .slice = "berth-test.slice",
                .description = "a scope of Berth's tests",
                .pids = {process_.pid()},
                .properties = SystemdProperties(AllSettings(limits), version_)});
    ASSERT_TRUE(path) << path.error().message();
    directory_ = hierarchy_.mount_point + *path;
  }
  void Change(const Limits& limits) {
    const auto set =
        systemd::SetUnitProperties(*bus_, name_, SystemdProperties(AllSettings(limits), version_));
    ASSERT_TRUE(set) << set.error().message();
  }
  static void Reload() { ASSERT_TRUE(RunCommand({.argv = {"/bin/systemctl", "daemon-reload"}})); }
  std::string Value(const std::string& file) const {
    auto content = ReadFile(directory_ + "/" + file);
    return content ? std::string(Trim(*content)) : content.error().message();
  }

  static std::optional<BlockDevice> SomeDisk() {
    for (const std::string& disk : ListDirectory("/sys/block").ValueOr({})) {
      const auto number = ReadFile("/sys/block/" + disk + "/dev");
      if (!number || !Exists("/dev/block/" + std::string(Trim(*number)))) continue;
      const std::vector<std::string> parts = Split(Trim(*number), ':');
      return BlockDevice{.major = *ParseInteger<uint32_t>(parts[0]),
                         .minor = *ParseInteger<uint32_t>(parts[1])};
    }
    return std::nullopt;
  }

  const std::string name_ = "berth-test-" + RandomHex(4) + ".scope";
  Hierarchy hierarchy_;
  std::optional<systemd::Bus> bus_;
  int version_ = 0;
  Pidfd process_;
  std::string directory_;
};

const Limits kLimits = {
    .cpu = {.weight = 321, .max = CpuMax{.quota = 10'000, .period = 50'000}},
    .memory = {.max = 64 << 20, .high = 48 << 20, .low = 16 << 20, .min = 8 << 20, .swap_max = 0},
    .pids = {.max = 77},
    .cpuset = {.cpus = "0", .mems = "0"}};

TEST_F(SystemdPropertiesHostTest, ReachTheKernelAndOutliveAReload) {
  Start(kLimits);
  for (const char* moment : {"when started", "after a reload"}) {
    SCOPED_TRACE(moment);
    for (const Setting& setting : AllSettings(kLimits)) {
      EXPECT_EQ(Value(setting.file), setting.value) << setting.file;
    }
    Reload();
  }
}

TEST_F(SystemdPropertiesHostTest, CgroupsBelowAreNotSystemdsToChange) {
  Start({});
  ASSERT_TRUE(sys::MakeDirectories(directory_ + "/a", 0755));
  const auto write = [this](const std::string& file, const std::string& value) {
    const auto written = WriteControlFile(AT_FDCWD, directory_ + "/" + file, value);
    EXPECT_TRUE(written) << written.error().message();
  };
  write("a/cgroup.procs", fmt::format("{}", process_.pid()));
  write("cgroup.subtree_control", "+memory +pids +cpu");
  const std::vector<std::pair<std::string, std::string>> values = {{"a/memory.max", "67108864"},
                                                                   {"a/memory.oom.group", "1"},
                                                                   {"a/pids.max", "5"},
                                                                   {"a/cpu.max", "20000 100000"}};
  for (const auto& [file, value] : values) write(file, value);
  Reload();
  Change({.memory = {.max = 128 << 20}});
  EXPECT_EQ(Value("memory.max"), "134217728");
  EXPECT_EQ(Value("cgroup.subtree_control"), "cpu memory pids");
  for (const auto& [file, value] : values) EXPECT_EQ(Value(file), value) << file;
}

TEST_F(SystemdPropertiesHostTest, AreInTheFilesOnceTheyAreChanged) {
  Start(kLimits);
  for (uint64_t round = 1; round <= 5; ++round) {
    Change({.cpu = {.weight = 100 + round}, .memory = {.max = (64 + round) << 20}});
    EXPECT_EQ(Value("cpu.weight"), fmt::format("{}", 100 + round));
    EXPECT_EQ(Value("memory.max"), fmt::format("{}", (64 + round) << 20));
  }
  Change({.memory = {.max = kUnlimited}, .pids = {.max = kUnlimited}});
  EXPECT_EQ(Value("memory.max"), "max");
  EXPECT_EQ(Value("pids.max"), "max");
}

TEST_F(SystemdPropertiesHostTest, DevicesAreFoundByTheirNumbers) {
  const auto device = SomeDisk();
  if (!device || !hierarchy_.HasController("io")) GTEST_SKIP() << "needs a disk and io";
  Start({.io = {.weight = 50,
                .device_weights = {{.device = *device, .weight = 70}},
                .max = {{.device = *device, .rbps = 1 << 20, .wiops = 500}}}});
  const std::string number = fmt::format("{}:{}", device->major, device->minor);
  EXPECT_EQ(Value("io.max"), number + " rbps=1048576 wbps=max riops=max wiops=500");
  EXPECT_THAT(Value("io.weight"), testing::StartsWith("default 50"));
  // Whether a device has weights is its scheduler's business.
  const auto shown =
      RunCommand({.argv = {"/bin/systemctl", "show", "--value", "-p", "IODeviceWeight", name_}});
  ASSERT_TRUE(shown);
  EXPECT_EQ(Trim(shown->out), "/dev/block/" + number + " 70");
}

TEST_F(SystemdPropertiesHostTest, LimitsThatAreNotAskedForAreNotThere) {
  Start({});
  EXPECT_EQ(Value("pids.max"), "max");
  EXPECT_EQ(Value("memory.max"), "max");
  EXPECT_EQ(Value("cpu.max"), "max 100000");
  EXPECT_EQ(Value("cpu.weight"), "100");
}

TEST_F(SystemdPropertiesHostTest, QuotasAreAtLeastWhatWasAskedFor) {
  Start({.cpu = {.max = CpuMax{.quota = 25'001}}});
  EXPECT_EQ(Value("cpu.max"), "26000 100000");
  Reload();
  EXPECT_EQ(Value("cpu.max"), "26000 100000");
}

TEST_F(SystemdPropertiesHostTest, AnIdleCgroupIsIdleUntilItIsNot) {
  if (version_ < 252) GTEST_SKIP() << "needs systemd 252";
  Start({.cpu = {.weight = 5, .idle = true}});
  EXPECT_EQ(Value("cpu.idle"), "1");
  Change({.cpu = {.weight = 7, .idle = false}});
  EXPECT_EQ(Value("cpu.idle"), "0");
  EXPECT_EQ(Value("cpu.weight"), "7");
}

}  // namespace
}  // namespace berth::cgroups
