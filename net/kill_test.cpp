// A process that dies after any netlink message of an attach or a detach leaves nothing that the
// next one does not find.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <set>
#include <thread>

#include "base/files.h"
#include "base/text.h"
#include "net/netns_pool.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

constexpr const char* kId = "aa11";
constexpr uint16_t kTcpPort = 8080;
constexpr uint16_t kUdpPort = 5353;

/// What an attachment can be, and whether it is the host's only one.
struct Scene {
  const char* name;
  bool groups;
  bool alone;
  bool limited = false;
  bool on_lan = false;
  bool pooled = false;
  bool obeys_input = false;
};

std::ostream& operator<<(std::ostream& out, const Scene& scene) { return out << scene.name; }

/// The flows of these addresses that the kernel tracks.
std::string FlowsOf(const std::string& address) {
  std::string flows;
  const auto table = ReadFile("/proc/thread-self/net/nf_conntrack");
  EXPECT_TRUE(table) << table.error().message();
  for (const std::string& line : Split(*table, '\n')) {
    if (line.find("=" + address + " ") != std::string::npos) flows += line + "\n";
  }
  return flows;
}

/// The lines that only one of the two has.
std::string Difference(const std::string& before, const std::string& after) {
  const std::vector<std::string> old_lines = Split(before, '\n'), new_lines = Split(after, '\n');
  const std::multiset<std::string> had(old_lines.begin(), old_lines.end());
  const std::multiset<std::string> has(new_lines.begin(), new_lines.end());
  std::string lines;
  for (const std::string& line : had) {
    if (has.count(line) < had.count(line)) lines += "- " + line + "\n";
  }
  for (const std::string& line : has) {
    const bool learnt = line.find(" dev uplink lladdr ") != std::string::npos;
    if (!learnt && had.count(line) < has.count(line)) lines += "+ " + line + "\n";
  }
  return lines;
}

class KillTest : public TestHost, public testing::WithParamInterface<Scene> {
 protected:
  void SetUp() override {
    TestHost::SetUp();
    if (!host_) return;
    outside_ = MakeOutside();
    if (!GetParam().alone) other_ = Start(Plan("bb22", 6, {DefaultGroup()}));
    before_ = DumpHost();
  }

  Attachment Subject() const {
    std::vector<SecurityGroup> groups;
    if (GetParam().groups) {
      groups.push_back({.id = "sg-web", .ingress = {{.peer = Ipv4Cidr()}}});
      groups.push_back(DefaultGroup());
    }
    Attachment plan =
        Plan(kId, 5, groups, {{Protocol::kTcp, kTcpPort, 80}, {Protocol::kUdp, kUdpPort, 53}});
    const RateLimit limit = {.bitsPerSecond = 1'000'000'000};
    if (GetParam().limited) plan.bandwidth = {.egress = limit, .ingress = limit};
    for (PublishedPort& port : plan.ports) port.obeysInput = GetParam().obeys_input;
    if (GetParam().on_lan) {
      plan.subnet = *MakeSubnet("subnet-lan", *Ipv4Cidr::Parse("192.0.2.16/28"));
      plan.subnet.parent = "uplink";
      plan.subnet.gateway = *Ipv4::Parse("192.0.2.2");
      plan.subnet.masquerade = Masquerade::kNever;
      plan.address = *Ipv4::Parse("192.0.2.21");
    }
    return plan;
  }

  /// Attaches it; what is pooled goes with the process, as the agent's does.
  Result<void> Attach(const Netns& task) const {
    if (!GetParam().pooled) return net::Attach(Subject(), task, lock_);
    PooledNetns pooled = TRY(PooledNetns::Make());
    return net::Attach(Subject(), pooled, lock_);
  }

  /// Runs `work` in a process that dies after its netlink message `number`; whether it did.
  static bool Kill(size_t number, const std::function<Result<void>()>& work) {
    const int status = RunForked("BERTH_KILL_AT", fmt::format("netlink.{}", number), [&] {
      const auto done = work();
      ::_exit(done ? 0 : 1);
    });
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << number;
    return WIFSIGNALED(status);
  }

  /// What is done about a task that is found dead (agent/task/teardown.cpp).
  void Recover() {
    const auto detached = Detach(kId, LinkEnd::kDeleteNow, lock_);
    EXPECT_TRUE(detached) << detached.error().message();
    const auto forgotten = ForgetFlows({Subject().address}, lock_);
    EXPECT_TRUE(forgotten) << forgotten.error().message();
  }

  /// What is done where no record is left.
  void SweepUp() {
    std::set<std::string> live;
    if (!GetParam().alone) live.insert("bb22");
    const auto swept = SweepExcept(live, lock_);
    EXPECT_TRUE(swept) << swept.error().message();
  }

  void ExpectAsBefore(size_t number) {
    if (GetParam().pooled) AwaitEndOfSpares();
    EXPECT_EQ(Difference(before_, DumpHost()), "") << "after message " << number;
    EXPECT_EQ(FlowsOf(Subject().address.Format()), "") << "after message " << number;
  }

  /// What was pooled and is no attachment's goes by itself, some time after its process.
  static void AwaitEndOfSpares() {
    for (int tries = 0; tries < 500; ++tries) {
      if (Output({"/usr/sbin/ip", "link", "show"}).find(": berth-") == std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << "spare interfaces are left";
  }

  /// Flows of every kind: to its ports, and to the outside.
  void Talk(const Netns& task) {
    Server web(task, Protocol::kTcp, 80);
    Server names(task, Protocol::kUdp, 53);
    EXPECT_EQ(Connect(outside_, "192.0.2.1", kTcpPort), Reach::kConnected);
    EXPECT_TRUE(Echoes(outside_, "192.0.2.1", kUdpPort, names, 4444));
    if (GetParam().groups) return;  // the last rule lets out, but not in
    Server far(outside_, Protocol::kTcp, 443);
    EXPECT_EQ(Connect(task, "192.0.2.2", 443), Reach::kConnected);
  }

  Netns outside_, other_;
  std::string before_;
};

TEST_P(KillTest, AnAttachIsUndoneWhereverItDied) {
  size_t number = 0;
  for (;; ++number) {
    const auto task = Netns::Create();
    ASSERT_TRUE(task);
    if (!Kill(number, [&] { return Attach(*task); })) break;
    number % 2 == 0 ? Recover() : SweepUp();
    ExpectAsBefore(number);
    if (HasFailure()) return;
  }
  Recover();
  ExpectAsBefore(number);
  RecordProperty("messages", static_cast<int>(number));
}

TEST_P(KillTest, ADetachIsFinishedWhereverItDied) {
  for (const LinkEnd end : {LinkEnd::kDeleteNow, LinkEnd::kDiesWithNamespace}) {
    size_t number = 0;
    for (;; ++number) {
      // It outlives the recovery: what its end takes along is not recovered.
      const Netns task = Start(Subject());
      Talk(task);
      if (!Kill(number, [&] { return Detach(kId, end, lock_); })) break;
      Recover();
      ExpectAsBefore(number);
      if (HasFailure()) return;
    }
    Recover();
    ExpectAsBefore(number);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Scenes, KillTest,
    testing::Values(Scene{"GroupsAlone", true, true}, Scene{"BridgeAlone", false, true},
                    Scene{"GroupsBesideAnother", true, false},
                    Scene{"BridgeBesideAnother", false, false},
                    Scene{"Limited", false, false, true}, Scene{"OnLan", false, false, false, true},
                    Scene{"Pooled", true, false, false, false, true},
                    Scene{"ObeysInput", false, false, false, false, false, true}),
    [](const auto& scene) { return scene.param.name; });

}  // namespace
}  // namespace berth::net
