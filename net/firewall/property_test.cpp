// Random groups, and packets really sent: the rules in the kernel let through exactly what EC2's
// semantics, as plainly as they can be put (judge.h), allow. BERTH_ROUNDS: how many, else a few.
// BERTH_SEED: as a failure names it, to see it again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstdlib>
#include <random>

#include "base/text.h"
#include "net/firewall/host_table.h"
#include "net/firewall/judge.h"
#include "net/test_host.h"
#include "net/test_packets.h"

namespace berth::net {
namespace {

constexpr int kTasks = 4;
constexpr int kGroups = 4;
constexpr int kProbes = 200;          // a round
constexpr int kRoundsOfOneCast = 20;  // with the same tasks in the same groups

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = ::getenv(name);
  return text == nullptr ? otherwise : ParseInteger<int64_t>(text).value_or(otherwise);
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int Below(int end) { return static_cast<int>(engine_() % static_cast<uint64_t>(end)); }
  bool OneIn(int count) { return Below(count) == 0; }
  template <typename T>
  T Of(std::initializer_list<T> choices) {
    return *(choices.begin() + Below(static_cast<int>(choices.size())));
  }

 private:
  std::mt19937_64 engine_;
};

std::string GroupId(int number) { return fmt::format("sg-{}", number); }
Ipv4 Address(int task) {
  return Ipv4Cidr::Parse("10.9.0.0/20")->Network() + (5U + static_cast<uint32_t>(task));
}
Ipv6 Address6(int task) {
  return Ipv6Cidr::Parse("fd00:9::/64")->Network() + (uint64_t{5} + static_cast<uint64_t>(task));
}

Rule RandomRule(Dice& dice) {
  Rule rule;
  switch (dice.Below(4)) {
    case 0:
      rule.peer = Ipv4Cidr::Around(Address(dice.Below(kTasks)), dice.Of({0, 8, 30, 31, 32}));
      break;
    case 1:
      rule.peer = Ipv6Cidr::Around(Address6(dice.Below(kTasks)), dice.Of({0, 32, 126, 127, 128}));
      break;
    default:
      rule.peer = GroupReference{GroupId(dice.Below(kGroups))};
  }
  const bool ipv4 = std::holds_alternative<Ipv4Cidr>(rule.peer);
  const bool ipv6 = std::holds_alternative<Ipv6Cidr>(rule.peer);
  const bool icmp4 = ipv4 || (!ipv6 && dice.OneIn(2));
  const uint8_t icmp = icmp4 ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
  switch (dice.Below(8)) {
    case 0:
      return rule;
    case 1:
    case 2:
      rule.protocol = icmp;
      if (dice.OneIn(3)) return rule;
      rule.icmp = IcmpKind{.type = dice.Of({8, 13, 128}), .code = dice.Of({-1, 0, 1})};
      return rule;
    default:
      rule.protocol = dice.Of({uint8_t{IPPROTO_TCP}, uint8_t{IPPROTO_UDP}});
      if (dice.OneIn(5)) return rule;
      const auto first = static_cast<uint16_t>(80 + dice.Below(4));
      rule.ports = PortRange{first, static_cast<uint16_t>(first + dice.Below(3))};
      return rule;
  }
}

SecurityGroup RandomGroup(Dice& dice, int number) {
  SecurityGroup group = {.id = GroupId(number)};
  for (int count = dice.Below(5); count > 0; --count) group.ingress.push_back(RandomRule(dice));
  if (dice.OneIn(2)) {
    group.egress = DefaultGroup().egress;
  } else {
    for (int count = dice.Below(5); count > 0; --count) group.egress.push_back(RandomRule(dice));
  }
  return group;
}

FirstPacket RandomPacket(Dice& dice, int from, int to) {
  const bool ipv4 = dice.OneIn(2);
  FirstPacket packet = {.source = ipv4 ? IpAddress(Address(from)) : IpAddress(Address6(from)),
                        .destination = ipv4 ? IpAddress(Address(to)) : IpAddress(Address6(to))};
  if (dice.OneIn(3)) {
    packet.protocol = ipv4 ? uint8_t{IPPROTO_ICMP} : uint8_t{IPPROTO_ICMPV6};
    packet.icmp = {.type = ipv4 ? dice.Of({8, 13}) : 128, .code = dice.Of({0, 1})};
  } else {
    packet.protocol = dice.Of({uint8_t{IPPROTO_TCP}, uint8_t{IPPROTO_UDP}});
    packet.destinationPort = static_cast<uint16_t>(79 + dice.Below(8));
  }
  return packet;
}

class RulesPropertyTest : public TestHost {
 protected:
  // New tasks, each in one to three groups.
  void Cast(Dice& dice) {
    ports_.clear();
    at_work_ = {};
    for (int number = 0; number < kGroups; ++number) {
      at_work_.groups[GroupId(number)] = RandomGroup(dice, number);
    }
    for (int task = 0; task < kTasks; ++task) {
      std::vector<SecurityGroup> groups;
      for (int number = 0; number < kGroups; ++number) {
        if (groups.size() == 3 || !(dice.OneIn(3) || number == task)) continue;
        groups.push_back(at_work_.groups[GroupId(number)]);
        at_work_.members[GroupId(number)].insert({Address(task), Address6(task)});
      }
      const std::string id = fmt::format("task-{}", task);
      ASSERT_TRUE(Detach(id, LinkEnd::kDeleteNow, lock_));
      tasks_[task] = Start(Plan6(id, 5 + task, groups));
      ports_.emplace_back(tasks_[task]);
    }
    auto table = HostTable::Lock(lock_);
    ASSERT_TRUE(table && table->ForgetFlowsIf([](const TrackedFlow&) { return true; }));
    number_ = 1024;
  }

  void ChangeRules(Dice& dice) {
    auto table = HostTable::Lock(lock_);
    ASSERT_TRUE(table) << table.error().message();
    for (int number = 0; number < kGroups; ++number) {
      SecurityGroup& group = at_work_.groups[GroupId(number)];
      group = RandomGroup(dice, number);
      const auto changed = table->ChangeRules(group);
      ASSERT_TRUE(changed) << changed.error().message();
    }
  }

  // What went otherwise than it should have, a line a packet.
  std::vector<std::string> Probe(Dice& dice) {
    std::vector<std::string> surprises;
    std::set<std::string> all;
    for (const auto& [id, group] : at_work_.groups) all.insert(id);
    std::map<uint16_t, FirstPacket> packets;
    std::set<uint16_t> allowed[kTasks];
    for (int i = 0; i < kProbes; ++i) {
      const int from = dice.Below(kTasks);
      const int to = (from + 1 + dice.Below(kTasks - 1)) % kTasks;
      const uint16_t number = number_++;
      const FirstPacket packet = RandomPacket(dice, from, to);
      packets.emplace(number, packet);
      if (!AreRefusing(at_work_, all, packet)) allowed[to].insert(number);
      ports_[static_cast<size_t>(from)].Send(packet, number);
    }
    for (int task = 0; task < kTasks; ++task) {
      const auto arrived = ports_[static_cast<size_t>(task)].Arrived(allowed[task]);
      for (const auto& [number, packet] : packets) {
        if (arrived.contains(number) == allowed[task].contains(number)) continue;
        surprises.push_back(fmt::format("{}: protocol {} from {} to {} port {} type {} code {}",
                                        arrived.contains(number) ? "let through" : "refused",
                                        packet.protocol, packet.source.Format(),
                                        packet.destination.Format(), packet.destinationPort,
                                        packet.icmp.type, packet.icmp.code));
      }
      let_through_ += static_cast<int>(allowed[task].size());
    }
    probed_ += kProbes;
    return surprises;
  }

  GroupsAtWork at_work_;
  Netns tasks_[kTasks];
  std::vector<PacketPort> ports_;
  uint16_t number_ = 0;
  int probed_ = 0;
  int let_through_ = 0;
};

TEST_F(RulesPropertyTest, TheKernelDecidesAsEc2Does) {
  const auto rounds = FromEnvironment("BERTH_ROUNDS", 100);
  const auto seed = FromEnvironment("BERTH_SEED", static_cast<int64_t>(std::random_device()()));
  SCOPED_TRACE(fmt::format("BERTH_SEED={}", seed));
  Dice dice(static_cast<uint64_t>(seed));
  for (int64_t round = 0; round < rounds && !HasFailure(); ++round) {
    if (round % kRoundsOfOneCast == 0) {
      ASSERT_NO_FATAL_FAILURE(Cast(dice));
    } else {
      ASSERT_NO_FATAL_FAILURE(ChangeRules(dice));
    }
    EXPECT_THAT(Probe(dice), testing::IsEmpty());
  }
  // A test of packets that all arrive, or none, would be none.
  EXPECT_GT(let_through_, probed_ / 20);
  EXPECT_LT(let_through_, probed_ * 19 / 20);
  RecordProperty("packets", probed_);
}

TEST_F(RulesPropertyTest, AHoleIsSeen) {
  Dice dice(7);
  ASSERT_NO_FATAL_FAILURE(Cast(dice));
  Output({"/usr/sbin/nft", "insert", "rule", "inet", "berth", "to_task_new", "accept"});
  EXPECT_THAT(Probe(dice), testing::Contains(testing::StartsWith("let through")));
  Output({"/usr/sbin/nft", "insert", "rule", "inet", "berth", "to_task_new", "drop"});
  EXPECT_THAT(Probe(dice), testing::Contains(testing::StartsWith("refused")));
}

}  // namespace
}  // namespace berth::net
