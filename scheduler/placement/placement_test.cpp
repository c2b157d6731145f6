#include "scheduler/placement/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>

namespace berth::scheduler::placement {
namespace {

using testing::HasSubstr;

constexpr std::string_view kZone = "ecs.availability-zone";
constexpr const char* kDistinct = "DistinctInstance placement constraint unsatisfied.";
constexpr const char* kMemberOf = "MemberOf placement constraint unsatisfied.";

// Instances by number, each with 1024 units and MiB at first.
class Cluster {
 public:
  Instance& Add(std::string_view zone = "") {
    Instance& instance = instances_.emplace_back();
    instance.arn = fmt::format("arn:{}", instances_.size() - 1);
    instance.agent_connected = true;
    instance.left = {.cpu = 1024, .memory = 1024};
    if (!zone.empty()) instance.attributes[kZone] = std::string(zone);
    all_.push_back(&instance);
    return instance;
  }

  tl::expected<size_t, Shortfall> Find(const Request& request, double random = 0) const {
    return Place(all_, request, random);
  }

  // Places `count` tasks one after the other; how many each instance has got.
  std::vector<int> Run(const Request& request, int count) {
    std::vector<int> tasks(instances_.size());
    for (int i = 0; i < count; ++i) {
      const auto at = Find(request, random_(engine_));
      if (!at) break;
      Take(instances_[*at], request.needs, request.group);
      ++tasks[*at];
    }
    return tasks;
  }

  Instance& operator[](size_t i) { return instances_[i]; }

 private:
  std::deque<Instance> instances_;
  std::vector<const Instance*> all_;
  std::mt19937 engine_{1};
  std::uniform_real_distribution<double> random_;
};

Query Parsed(std::string_view expression) { return *Query::Parse(expression); }

Strategy Spread(std::string_view field) { return *ParseStrategy("spread", field); }
Strategy Binpack(std::string_view field) { return *ParseStrategy("binpack", field); }

Request Small() { return {.needs = {.cpu = 64, .memory = 64}, .group = "family:web"}; }

TEST(Place, SaysWhatIsMissing) {
  struct Case {
    const char* reason;
    std::function<void(Instance&, Request&)> spoil;
  };
  const Case cases[] = {
      {"AGENT", [](auto& instance, auto&) { instance.agent_connected = false; }},
      {"AGENT", [](auto& instance, auto&) { instance.active = false; }},
      {"ATTRIBUTE",
       [](auto&, auto& request) {
         request.required_attributes = {{"gpu", ""}};
       }},
      {"ATTRIBUTE",
       [](auto& instance, auto& request) {
         instance.attributes["arch"] = "arm64";
         request.required_attributes = {{"arch", "x86_64"}};
       }},
      {"RESOURCE:CPU", [](auto& instance, auto&) { instance.left.cpu = 63; }},
      {"RESOURCE:MEMORY", [](auto& instance, auto&) { instance.left.memory = 63; }},
      {"RESOURCE:PORTS",
       [](auto& instance, auto& request) {
         instance.left.tcp_ports = {22, 80};
         request.needs.tcp_ports = {80};
       }},
      {"RESOURCE:PORTS",
       [](auto& instance, auto& request) {
         instance.left.udp_ports = {53};
         request.needs.udp_ports = {53, 54};
       }},
      {kDistinct,
       [](auto& instance, auto& request) {
         instance.tasks_by_group["family:web"] = 1;
         request.distinct_instance = true;
       }},
      {kMemberOf,
       [](auto&, auto& request) { request.member_of = {Parsed("attribute:stack == prod")}; }},
  };
  for (const Case& each : cases) {
    Cluster cluster;
    Instance& instance = cluster.Add();
    Request request = Small();
    ASSERT_EQ(cluster.Find(request), 0U);
    EXPECT_EQ(WhyNotOn(instance, request), std::nullopt);
    each.spoil(instance, request);
    EXPECT_EQ(cluster.Find(request), tl::make_unexpected(Shortfall{each.reason, instance.arn}));
    EXPECT_EQ(WhyNotOn(instance, request), each.reason);
  }
}

TEST(Place, NamesTheInstanceThatCameFurthest) {
  Cluster cluster;
  cluster.Add().agent_connected = false;
  cluster.Add().left.cpu = 0;
  cluster.Add().left.memory = 0;
  cluster.Add().left.memory = 0;
  EXPECT_EQ(cluster.Find(Small()), tl::make_unexpected(Shortfall{"RESOURCE:MEMORY", "arn:2"}));
}

TEST(Place, HasWordsForAnEmptyCluster) {
  EXPECT_EQ(
      Cluster().Find(Small()),
      tl::make_unexpected(Shortfall{"No Container Instances were found in your cluster.", ""}));
}

TEST(Place, TakesWhatHasRoomForExactlyTheTask) {
  Cluster cluster;
  cluster.Add().left = {.cpu = 64, .memory = 64, .tcp_ports = {81}, .udp_ports = {80}};
  Request request = Small();
  request.needs.tcp_ports = {80};
  EXPECT_EQ(cluster.Find(request), 0U);
}

TEST(Place, HoldsAttributesOfAnyValueAgainstNamesAlone) {
  Cluster cluster;
  Instance& instance = cluster.Add();
  instance.attributes["ecs.capability.task-eni"] = std::nullopt;
  instance.attributes["arch"] = "x86_64";
  Request request = Small();
  request.required_attributes = {{"ecs.capability.task-eni", ""}, {"arch", ""}, {"arch", "x86_64"}};
  EXPECT_EQ(cluster.Find(request), 0U);
  request.required_attributes.push_back({"ecs.capability.task-eni", "1"});
  EXPECT_FALSE(cluster.Find(request));
}

TEST(Place, NoticesThatAnAttributeIsGone) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.Add().attributes["gpu"] = std::nullopt;
  Request request = Small();
  request.required_attributes = {{"gpu", ""}};
  cluster[0].attributes.Erase("gpu");
  cluster[2].attributes.Erase("gpu");
  EXPECT_EQ(cluster.Find(request), 1U);
  cluster[1].attributes.Erase("gpu");
  EXPECT_EQ(cluster.Find(request), tl::make_unexpected(Shortfall{"ATTRIBUTE", "arn:0"}));
  cluster[2].attributes["gpu"] = std::nullopt;
  EXPECT_EQ(cluster.Find(request), 2U);
}

TEST(Place, PutsOneTaskOfAGroupOnEachDistinctInstance) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.Add();
  cluster[1].tasks_by_group["family:other"] = 5;
  Request request = Small();
  request.distinct_instance = true;
  EXPECT_EQ(cluster.Run(request, 10), (std::vector{1, 1, 1}));
  EXPECT_EQ(cluster.Find(request).error().reason, kDistinct);
}

TEST(Place, WantsEveryMemberOfConstraint) {
  Cluster cluster;
  cluster.Add("a");
  cluster.Add("b").attributes["stack"] = "prod";
  Request request = Small();
  request.member_of = {Parsed("attribute:ecs.availability-zone in [a, b]"),
                       Parsed("attribute:stack == prod")};
  EXPECT_EQ(cluster.Find(request), 1U);
}

TEST(Place, PicksByChanceBetweenEquals) {
  Cluster cluster;
  for (int i = 0; i < 4; ++i) cluster.Add();
  cluster[2].agent_connected = false;
  EXPECT_EQ(cluster.Find(Small(), 0), 0U);
  EXPECT_EQ(cluster.Find(Small(), 0.3), 1U);
  EXPECT_EQ(cluster.Find(Small(), 0.9999), 3U);
  EXPECT_EQ(cluster.Find(Small(), 1), 3U);  // out of range, yet no harm
  Request request = Small();
  request.strategies = {Strategy{}, Spread("host")};
  cluster[3].tasks_by_group["family:web"] = 9;
  EXPECT_EQ(cluster.Find(request, 0.9999), 3U);
}

TEST(Place, TakesEachThatWillDoEquallyOften) {
  Cluster cluster;
  for (int i = 0; i < 5; ++i) cluster.Add();
  // Few enough for guesses to fail as often as not.
  for (const size_t full : {0, 2, 4}) cluster[full].left.cpu = 0;
  Request request = Small();
  request.needs = {.cpu = 1};
  cluster[1].left.cpu = cluster[3].left.cpu = 10'000;
  const std::vector<int> tasks = cluster.Run(request, 10'000);
  EXPECT_EQ(tasks[1] + tasks[3], 10'000);
  EXPECT_NEAR(tasks[1], 5'000, 200);  // four standard deviations
}

TEST(Place, SpreadsOverInstances) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.Add();
  cluster[0].tasks_by_group["family:web"] = 2;
  cluster[1].tasks_by_group["family:other"] = 7;
  Request request = Small();
  request.strategies = {Spread("instanceId")};
  EXPECT_EQ(cluster.Run(request, 7), (std::vector{1, 3, 3}));
}

TEST(Place, SpreadsOverZonesHoweverManyInstancesTheyHave) {
  Cluster cluster;
  for (const char* zone : {"a", "a", "a", "a", "b"}) cluster.Add(zone);
  Request request = Small();
  request.strategies = {Spread("attribute:ecs.availability-zone"), Spread("instanceId")};
  EXPECT_EQ(cluster.Run(request, 8), (std::vector{1, 1, 1, 1, 4}));
}

TEST(Place, CountsTasksOfAZoneThatRunWhereNothingMoreFits) {
  Cluster cluster;
  Instance& full = cluster.Add("a");
  full.left.cpu = 0;
  full.tasks_by_group["family:web"] = 3;
  cluster.Add("a");
  cluster.Add("b");
  Request request = Small();
  request.strategies = {Spread("attribute:ecs.availability-zone")};
  EXPECT_EQ(cluster.Run(request, 3), (std::vector{0, 0, 3}));
}

TEST(Place, SpreadsToInstancesWithoutTheAttributeLast) {
  Cluster cluster;
  cluster.Add();
  cluster.Add("b").left.cpu = 128;
  Request request = Small();
  request.strategies = {Spread("attribute:ecs.availability-zone")};
  EXPECT_EQ(cluster.Run(request, 5), (std::vector{3, 2}));
}

TEST(Place, PacksWhatHasTheLeastLeft) {
  Cluster cluster;
  cluster.Add().left = {.cpu = 1000, .memory = 200};
  cluster.Add().left = {.cpu = 200, .memory = 1000};
  cluster.Add().left = {.cpu = 63, .memory = 63};
  Request request = Small();
  request.strategies = {Binpack("memory")};
  EXPECT_EQ(cluster.Find(request), 0U);
  request.strategies = {Binpack("cpu")};
  EXPECT_EQ(cluster.Find(request), 1U);
  EXPECT_EQ(cluster.Run(request, 18), (std::vector{3, 3, 0}));
}

TEST(Place, FillsOneInstanceAfterTheOther) {
  Cluster cluster;
  for (int i = 0; i < 3; ++i) cluster.Add();
  Request request = Small();
  request.strategies = {Binpack("memory")};
  auto tasks = cluster.Run(request, 20);
  std::sort(tasks.begin(), tasks.end());
  EXPECT_EQ(tasks, (std::vector{0, 4, 16}));
}

TEST(Place, LeavesTiesToTheNextStrategy) {
  Cluster cluster;
  cluster.Add("a").left.memory = 900;
  cluster.Add("b").left.memory = 500;
  cluster.Add("b").left.memory = 400;
  cluster.Add("a").left.memory = 800;
  Request request = Small();
  request.strategies = {Spread("attribute:ecs.availability-zone"), Binpack("memory")};
  EXPECT_EQ(cluster.Find(request, 0.9), 2U);
  Take(cluster[2], request.needs, request.group);
  EXPECT_EQ(cluster.Find(request, 0.1), 3U);
}

TEST(Place, NeverChoosesWhatWhyNotOnRefuses) {
  std::mt19937 engine(7);
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(engine); };
  const std::vector<Query> queries = {Parsed("attribute:ecs.availability-zone != a"),
                                      Parsed("runningTasksCount < 2"),
                                      Parsed("not task:group == family:db")};
  const std::vector<Strategy> strategies = {Spread("host"), Spread("attribute:rack"),
                                            Binpack("cpu"), Binpack("memory"), Strategy{}};
  int placed = 0;
  for (int round = 0; round < 2000; ++round) {
    std::deque<Instance> instances(static_cast<size_t>(upto(12)));
    std::vector<const Instance*> all;
    for (Instance& instance : instances) {
      all.push_back(&instance);
      instance.arn = fmt::format("arn:{}", all.size());
      instance.active = upto(9) > 0;
      instance.agent_connected = upto(9) > 0;
      instance.left = {.cpu = upto(200), .memory = upto(200)};
      instance.running_tasks = upto(3);
      if (upto(2) > 0)
        instance.attributes[kZone] = std::string(1, static_cast<char>('a' + upto(2)));
      if (upto(1) > 0) instance.attributes["rack"] = std::to_string(upto(3));
      if (upto(1) > 0) instance.left.tcp_ports.insert(80);
      for (int i = upto(2); i > 0; --i)
        ++instance.tasks_by_group[upto(1) > 0 ? "family:web" : "family:db"];
    }
    Request request{.needs = {.cpu = upto(120), .memory = upto(120)}, .group = "family:web"};
    if (upto(2) == 0) request.needs.tcp_ports = {80};
    if (upto(2) == 0) request.required_attributes = {{"rack", upto(1) == 0 ? "1" : ""}};
    if (upto(2) == 0) request.member_of = {queries[static_cast<size_t>(upto(2))]};
    request.distinct_instance = upto(3) == 0;
    for (int i = upto(3); i > 0; --i)
      request.strategies.push_back(strategies[static_cast<size_t>(upto(4))]);

    const auto at = Place(all, request, std::uniform_real_distribution<double>()(engine));
    if (at) {
      ++placed;
      ASSERT_EQ(WhyNotOn(instances[*at], request), std::nullopt);
      continue;
    }
    std::set<std::string> reasons;
    for (const Instance& instance : instances) {
      const auto reason = WhyNotOn(instance, request);
      ASSERT_TRUE(reason) << "round " << round << ": " << instance.arn << " would do";
      if (instance.arn == at.error().instance_arn) {
        ASSERT_EQ(*reason, at.error().reason);
      }
      reasons.insert(*reason);
    }
    ASSERT_EQ(reasons.contains(at.error().reason), !instances.empty());
  }
  EXPECT_GT(placed, 500);
}

TEST(ParseStrategy, TakesWhatTheApiTakes) {
  EXPECT_EQ(Spread("host"), (Strategy{Strategy::Type::kSpread, "instanceId"}));
  EXPECT_EQ(Spread("attribute:rack"), (Strategy{Strategy::Type::kSpread, "attribute:rack"}));
  EXPECT_EQ(Binpack("MEMORY"), (Strategy{Strategy::Type::kBinpack, "memory"}));
  EXPECT_EQ(*ParseStrategy("random", "anything"), Strategy{});
}

TEST(ParseStrategy, SaysWhatIsAllowed) {
  const auto error = [](std::string_view type, std::string_view field) {
    const auto strategy = ParseStrategy(type, field);
    return strategy ? "no error" : strategy.error().message();
  };
  EXPECT_EQ(error("pile", "cpu"), "type must be random, spread or binpack, not \"pile\"");
  EXPECT_EQ(error("binpack", "disk"), "field must be cpu or memory for binpack, not \"disk\"");
  EXPECT_EQ(error("spread", "attribute:"),
            "field must be instanceId, host or attribute:NAME for spread, not \"attribute:\"");
  EXPECT_THAT(error("spread", ""), HasSubstr("not \"\""));
}

}  // namespace
}  // namespace berth::scheduler::placement
