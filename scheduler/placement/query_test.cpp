#include "scheduler/placement/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace berth::scheduler::placement {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

Instance Web() {
  Instance instance{.arn = "arn:web",
                    .ec2_instance_id = "i-abcd1234",
                    .agent_version = "1.14.5",
                    .agent_connected = true,
                    .registered = *ParseTime("2018-06-18T22:28:28.5Z"),
                    .running_tasks = 2};
  instance.attributes["ecs.instance-type"] = "g2.2xlarge";
  instance.attributes["ecs.availability-zone"] = "us-east-1a";
  instance.attributes["stack"] = "prod";
  instance.attributes["rack"] = "10";
  instance.attributes["room"] = "south wing, (3rd)";
  instance.attributes["path"] = R"(a\d)";
  instance.attributes["ssd"] = std::nullopt;
  instance.tasks_by_group["service:production"] = 1;
  instance.tasks_by_group["family:web"] = 3;
  return instance;
}

bool Matches(std::string_view expression, const Instance& instance = Web()) {
  const auto query = Query::Parse(expression);
  EXPECT_TRUE(query) << expression << ": " << query.error().message();
  return query && query->Matches(instance);
}

std::string ErrorOf(std::string_view expression) {
  const auto query = Query::Parse(expression);
  return query ? "no error" : query.error().message();
}

struct Case {
  const char* expression;
  bool matches;
};

// What each says of Web().
constexpr Case kCases[] = {
    // The examples of the Developer Guide.
    {"attribute:ecs.instance-type == t2.small", false},
    {"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", true},
    {"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", true},
    {"task:group == service:production", true},
    {"not(task:group == database)", true},
    {"runningTasksCount == 1", false},
    {"agentVersion < 1.14.5", false},
    {"registeredAt < 2018-02-13", false},
    {"ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", true},
    // Attributes.
    {"attribute:stack == prod", true},
    {"attribute:stack equals prod", true},
    {"attribute:stack==prod", true},
    {"  attribute:stack  ==  'prod'  ", true},
    {"attribute:stack == \"prod\"", true},
    {"attribute:stack != prod", false},
    {"attribute:stack not_equals beta", true},
    {"attribute:Stack == prod", false},
    {"attribute:room == 'south wing, (3rd)'", true},
    {R"(attribute:path == a\d)", true},
    {"attribute:stack in [prod]", true},
    {"attribute:stack in[beta,'prod']", true},
    {"attribute:stack !in [beta, prod]", false},
    {"attribute:stack not_in [beta]", true},
    {"attribute:stack exists", true},
    {"attribute:stack !exists", false},
    {"attribute:stack not_exists", false},
    {"attribute:stack =~ p.*", true},
    {"attribute:stack matches pro", false},
    {"attribute:stack !~ p.*", false},
    {"attribute:stack not_matches pro", true},
    {"attribute:stack =~ (prod|beta)", true},
    {"(attribute:stack =~ (prod|beta))", true},
    {"(attribute:stack =~ [^)]rod)", true},
    {"attribute:stack =~ 'p{1,2}r(o|0)d'", true},
    {"attribute:room =~ 'south .*'", true},
    {R"(attribute:room =~ south\s\w+,.*)", true},
    // Ordered as numbers, if both are.
    {"attribute:rack > 9", true},
    {"attribute:rack greater_than 10", false},
    {"attribute:rack >= 10.0", true},
    {"attribute:rack greater_than_equal 11", false},
    {"attribute:rack < 9", false},
    {"attribute:rack less_than 11", true},
    {"attribute:rack <= 10", true},
    {"attribute:rack less_than_equal 9", false},
    {"attribute:rack < 9a", true},
    {"attribute:stack > beta", true},
    // One without a value is there, and empty.
    {"attribute:ssd exists", true},
    {"attribute:ssd == ''", true},
    {"attribute:ssd != prod", true},
    // What isn't there fulfils !exists alone.
    {"attribute:none exists", false},
    {"attribute:none !exists", true},
    {"attribute:none != prod", false},
    {"attribute:none !in [prod]", false},
    {"attribute:none !~ prod", false},
    {"attribute:none == ''", false},
    {"not attribute:none == prod", true},
    // The other subjects.
    {"agentConnected == true", true},
    {"agentConnected == false", false},
    {"agentConnected != false", true},
    {"agentConnected in [true, false]", true},
    {"agentConnected =~ t.*", true},
    {"ec2InstanceId == i-abcd1234", true},
    {"ec2InstanceId !~ i-.*", false},
    {"agentVersion == 1.14.5", true},
    {"agentVersion == 1.14.5.0", true},
    {"agentVersion != 1.14.5", false},
    {"agentVersion >= 1.9", true},
    {"agentVersion > 1.14", true},
    {"agentVersion < 1.100.0", true},
    {"agentVersion <= v2", true},
    {"registeredAt == 2018-06-18T22:28:28Z", true},
    {"registeredAt == 2018-06-18T22:28:28", true},
    {"registeredAt == 2018-06-19T00:28:28+02:00", true},
    {"registeredAt >= 2018-06-18", true},
    {"registeredAt <= 2018-06-18", false},
    {"registeredAt > 2018-06-18T22:28:28Z", false},
    {"registeredAt != 2018-06-18T22:28:29Z", true},
    {"registeredAt < 9999-12-31T23:59:60-23:00", true},
    {"registeredAt > 1009-02-13", true},
    {"runningTasksCount < 3", true},
    {"runningTasksCount<=1", false},
    {"runningTasksCount > -1", true},
    {"task:group != database", true},
    {"task:group != family:web", false},
    {"task:group =~ family:.*", true},
    {"task:group !~ service:.*", false},
    {"task:group in [family:web, family:db]", true},
    {"task:group !in [family:db]", true},
    {"task:group exists", true},
    // Joined: not before and before or.
    {"attribute:stack == beta and attribute:rack == 1 or runningTasksCount == 2", true},
    {"runningTasksCount == 2 or attribute:stack == beta and attribute:rack == 1", true},
    {"(runningTasksCount == 2 or attribute:stack == beta) and attribute:rack == 1", false},
    {"runningTasksCount == 2 || attribute:stack == beta && attribute:rack == 1", true},
    {"runningTasksCount==2||attribute:stack==beta&&attribute:rack==1", true},
    {"not runningTasksCount == 2 and attribute:stack == beta", false},
    {"!runningTasksCount == 3 and attribute:stack == prod", true},
    {"!(runningTasksCount == 3 or attribute:stack == prod)", false},
    {"not not !!agentConnected == true", true},
    {"attribute:stack exists and attribute:ssd exists", true},
    {"(((attribute:stack == prod)))", true},
};

TEST(Query, SaysWhichInstancesItMeans) {
  for (const Case& each : kCases) {
    EXPECT_EQ(Matches(each.expression), each.matches) << each.expression;
  }
}

TEST(Query, SaysNothingOfAnInstanceThatHasNothing) {
  const Instance blank;
  for (const char* expression :
       {"agentVersion < 9", "agentVersion != 1", "ec2InstanceId != i-1", "ec2InstanceId =~ .*",
        "task:group =~ .*", "task:group exists", "attribute:a =~ .*", "attribute:a < 1"}) {
    EXPECT_FALSE(Matches(expression, blank)) << expression;
  }
  EXPECT_TRUE(Matches("task:group != a and task:group !exists", blank));
}

TEST(Query, ForgetsGroupsWhoseTasksAreGone) {
  Instance instance;
  Take(instance, {}, "family:web");
  EXPECT_TRUE(Matches("task:group == family:web", instance));
  GiveBack(instance, {}, "family:web");
  EXPECT_FALSE(Matches("task:group == family:web", instance));
  EXPECT_TRUE(instance.tasks_by_group.empty());
}

TEST(Query, LeavesOutWhatFollowsAVersionsNumbers) {
  Instance instance;
  instance.agent_version = "v1.90.0-rc1";
  EXPECT_TRUE(Matches("agentVersion == 1.90", instance));
  instance.agent_version = "HEAD";
  EXPECT_FALSE(Matches("agentVersion != 1.90", instance));
}

TEST(Query, TellsWhatItExpectedAndWhere) {
  EXPECT_EQ(ErrorOf("attribute:a =="),
            "at character 15: expected a value after ==, found end of expression");
  EXPECT_EQ(ErrorOf("attribute:a == and"), "no error");
  EXPECT_EQ(ErrorOf("attribute:a == b c"),
            "at character 18: expected \"and\", \"or\" or the end, found \"c\"");
  EXPECT_EQ(ErrorOf("(attribute:a == b"),
            "at character 18: expected \"and\", \"or\" or \")\", found end of expression");
  EXPECT_EQ(ErrorOf("attribute:a == b)"),
            "at character 17: expected \"and\", \"or\" or the end, found \")\"");
  EXPECT_EQ(ErrorOf("attribute:a = b"),
            "at character 13: expected one of ==, !=, >, >=, <, <=, in, !in, =~, !~, exists, "
            "!exists after attribute:a, found \"=\"");
  EXPECT_EQ(ErrorOf("agentConnected > true"),
            "at character 16: expected one of ==, !=, in, !in, =~, !~ after agentConnected, found "
            "\">\"");
  EXPECT_EQ(ErrorOf("agentConnected == yes"),
            "at character 19: expected true or false, not \"yes\"");
  EXPECT_EQ(ErrorOf("runningTasksCount < two"),
            "at character 21: expected a whole number, not \"two\"");
  EXPECT_EQ(ErrorOf("agentVersion < latest"),
            "at character 16: expected a version as 1.14.5, not \"latest\"");
  EXPECT_EQ(ErrorOf("attribute:a in b"),
            "at character 16: expected a list as [a, b] after in, found \"b\"");
  EXPECT_EQ(ErrorOf("attribute:a in []"),
            "at character 17: expected a value of the list, found \"]\"");
  EXPECT_EQ(ErrorOf("attribute:a in [b c]"),
            "at character 19: expected \",\" or \"]\", found \"c\"");
  EXPECT_EQ(ErrorOf("attribute:a == 'b"),
            "at character 16: expected another ' that closes this one");
  EXPECT_EQ(ErrorOf("attribute:a == 'ä' or x"),
            "at character 23: expected attribute:NAME, agentConnected, agentVersion, "
            "ec2InstanceId, registeredAt, runningTasksCount or task:group, found \"x\"");
  EXPECT_THAT(ErrorOf(""), HasSubstr("found end of expression"));
  EXPECT_THAT(ErrorOf("attribute: == b"), HasSubstr("found \"attribute:\""));
  EXPECT_THAT(ErrorOf("not"), StartsWith("at character 4: expected attribute:NAME"));
}

TEST(Query, RefusesTimesThatAreNone) {
  for (const char* time : {"yesterday", "2018-02-31", "2018-13-01", "2018-06-18T25:00:00Z",
                           "2018-06-18T22:28", "2018-06-18T22:28:28+2", "2018-06-18T22:28:28+02-00",
                           "2018-06-18T22:28:28z", "2018-06-18Z", "18-06-2018", "P2D"}) {
    EXPECT_THAT(ErrorOf(std::string("registeredAt < ") + time),
                StartsWith("at character 16: expected a time as 2018-06-18T22:28:28+00:00"))
        << time;
  }
}

TEST(Query, RefusesPatternsThatMayNeverEnd) {
  EXPECT_THAT(ErrorOf("attribute:a =~ (?=b).*"), HasSubstr("without look-around"));
  EXPECT_THAT(ErrorOf("attribute:a =~ (?!b).*"), HasSubstr("without look-around"));
  EXPECT_THAT(ErrorOf(R"(attribute:a =~ (b)\1)"), HasSubstr("back-references"));
  EXPECT_THAT(ErrorOf("attribute:a =~ '(b'"), HasSubstr("has an error: missing )"));
  EXPECT_THAT(ErrorOf("attribute:a =~ ((b{100}){100}){100}"), HasSubstr("at character 16"));
}

TEST(Query, MatchesPatternsInLinearTime) {
  Instance instance;
  instance.attributes["a"] = std::string(128, 'a') + "!";
  EXPECT_FALSE(Matches("attribute:a =~ (a+)+", instance));
  EXPECT_FALSE(Matches("attribute:a =~ (a|a|aa)*", instance));
}

TEST(Query, IsBoundedInLengthAndDepth) {
  const auto nested = [](int depth) {
    return std::string(depth, '(') + "agentConnected == true" + std::string(depth, ')');
  };
  EXPECT_TRUE(Matches(nested(50)));
  EXPECT_EQ(ErrorOf(nested(51)),
            "at character 51: expected at most 50 parentheses and nots within each other");
  EXPECT_THAT(ErrorOf(std::string(1990, '!')), HasSubstr("at most 50"));
  EXPECT_EQ(ErrorOf("attribute:a == " + std::string(1985, 'b')), "no error");
  EXPECT_EQ(ErrorOf("attribute:a == " + std::string(1986, 'b')),
            "an expression must have at most 2000 characters, not 2001");
  std::string wide = "agentConnected == false";
  while (wide.size() < 1960) wide += " or agentConnected == true";
  EXPECT_TRUE(Matches(wide));
}

}  // namespace
}  // namespace berth::scheduler::placement
