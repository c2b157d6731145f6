#include "scheduler/identity/condition.h"

#include <gtest/gtest.h>

namespace berth::scheduler {
namespace {

using Context = decltype(AccessRequest::context);

// What the condition says of a request whose key "k" has these values.
bool Says(std::string_view op, std::vector<std::string> values, std::vector<std::string> given) {
  Condition condition = *ParseConditionOperator(op);
  condition.key = "k";
  condition.values = std::move(values);
  EXPECT_TRUE(CheckConditionValues(condition)) << op;
  AccessRequest request;
  for (std::string& each : given) request.context.emplace("k", std::move(each));
  return Holds(condition, request);
}

struct ConditionCase {
  const char* op;
  const char* wanted;
  const char* holds_of;
  const char* not_of;
};

class EachOperator : public testing::TestWithParam<ConditionCase> {};

TEST_P(EachOperator, HoldsOfTheOneAndNotOfTheOther) {
  const auto& [op, wanted, holds_of, not_of] = GetParam();
  EXPECT_TRUE(Says(op, {wanted}, {holds_of}));
  EXPECT_FALSE(Says(op, {wanted}, {not_of}));
}

INSTANTIATE_TEST_SUITE_P(
    Operators, EachOperator,
    testing::Values(ConditionCase{"StringEquals", "a*", "a*", "ab"},
                    ConditionCase{"StringEquals", "a", "a", "A"},
                    ConditionCase{"StringNotEquals", "a", "b", "a"},
                    ConditionCase{"StringEqualsIgnoreCase", "a", "A", "b"},
                    ConditionCase{"StringNotEqualsIgnoreCase", "a", "b", "A"},
                    ConditionCase{"StringLike", "a*", "ab", "ba"},
                    ConditionCase{"StringNotLike", "a*", "ba", "ab"},
                    ConditionCase{"ArnEquals", "arn:aws:iam::1:user/*", "arn:aws:iam::1:user/a",
                                  "arn:aws:iam::2:user/a"},
                    ConditionCase{"ArnLike", "arn:aws:iam::*:user/a", "arn:aws:iam::1:user/a",
                                  "arn:aws:iam::1:x:user/a"},
                    ConditionCase{"ArnNotEquals", "arn:aws:iam::1:user/*", "arn:aws:iam::2:user/a",
                                  "arn:aws:iam::1:user/a"},
                    ConditionCase{"ArnNotLike", "arn:aws:iam::1:user/*", "arn:aws:iam::2:user/a",
                                  "arn:aws:iam::1:user/a"},
                    ConditionCase{"Bool", "true", "True", "false"},
                    ConditionCase{"BinaryEquals", "QUJD", "QUJD", "qujd"},
                    ConditionCase{"IpAddress", "10.1.0.0/15", "10.0.255.255", "10.2.0.0"},
                    ConditionCase{"IpAddress", "10.0.0.7", "10.0.0.7", "10.0.0.8"},
                    ConditionCase{"IpAddress", "0.0.0.0/0", "192.0.2.1", "2001:db8::1"},
                    ConditionCase{"IpAddress", "2001:db8::/33", "2001:db8:7fff::1",
                                  "2001:db8:8000::1"},
                    ConditionCase{"NotIpAddress", "10.0.0.0/8", "11.0.0.1", "10.0.0.1"},
                    ConditionCase{"NumericEquals", "10", "10.0", "11"},
                    ConditionCase{"NumericNotEquals", "10", "11", "10.0"},
                    ConditionCase{"NumericLessThan", "10", "9", "10"},
                    ConditionCase{"NumericLessThanEquals", "10", "10", "10.1"},
                    ConditionCase{"NumericGreaterThan", "-10", "-9", "-10"},
                    ConditionCase{"NumericGreaterThanEquals", "10", "10", "9"},
                    ConditionCase{"DateEquals", "2026-11-25T12:00:00Z", "2026-11-25T13:00:00+01:00",
                                  "2026-11-25T12:00:01Z"},
                    ConditionCase{"DateNotEquals", "2026-11-25", "2026-11-25T12:00:00Z",
                                  "2026-11-25T00:00:00Z"},
                    ConditionCase{"DateLessThan", "2026-11-25T12:00:00Z", "2026-11-25T11:59:59Z",
                                  "2026-11-25T12:00:00Z"},
                    ConditionCase{"DateLessThanEquals", "1795608000", "2026-11-25T12:00:00Z",
                                  "2026-11-25T12:00:01Z"},
                    ConditionCase{"DateGreaterThan", "2026-11-25", "2026-11-25T00:00:01Z",
                                  "2026-11-25T00:00:00Z"},
                    ConditionCase{"DateGreaterThanEquals", "2026-11-25", "2026-11-25T00:00:00Z",
                                  "2026-11-24T23:59:59Z"}));

TEST(Condition, IsMetByAnyOfThePolicysValues) {
  EXPECT_TRUE(Says("StringEquals", {"a", "b"}, {"b"}));
  EXPECT_FALSE(Says("StringNotEquals", {"a", "b"}, {"b"}));
  EXPECT_TRUE(Says("StringNotEquals", {"a", "b"}, {"c"}));
}

TEST(Condition, OfAnAbsentKeyIsNotMetButByItsNegation) {
  EXPECT_FALSE(Says("StringEquals", {"a"}, {}));
  EXPECT_FALSE(Says("NumericLessThan", {"1"}, {}));
  EXPECT_TRUE(Says("StringNotEquals", {"a"}, {}));
  EXPECT_TRUE(Says("NotIpAddress", {"10.0.0.0/8"}, {}));
}

TEST(Condition, IfExistsAsksOnlyOfWhatIsThere) {
  EXPECT_TRUE(Says("StringEqualsIfExists", {"a"}, {}));
  EXPECT_TRUE(Says("StringEqualsIfExists", {"a"}, {"a"}));
  EXPECT_FALSE(Says("StringEqualsIfExists", {"a"}, {"b"}));
  EXPECT_TRUE(Says("ForAnyValue:StringEqualsIfExists", {"a"}, {}));
}

TEST(Condition, NullAsksWhetherTheKeyIsAbsent) {
  EXPECT_TRUE(Says("Null", {"true"}, {}));
  EXPECT_FALSE(Says("Null", {"true"}, {"a"}));
  EXPECT_TRUE(Says("Null", {"False"}, {"a"}));
  EXPECT_FALSE(Says("Null", {"false"}, {}));
}

TEST(Condition, ForAllValuesHoldsOfNone) {
  EXPECT_TRUE(Says("ForAllValues:StringLike", {"a*", "b"}, {"a1", "b"}));
  EXPECT_FALSE(Says("ForAllValues:StringLike", {"a*", "b"}, {"a1", "c"}));
  EXPECT_TRUE(Says("ForAllValues:StringLike", {"a*"}, {}));
  EXPECT_FALSE(Says("ForAllValues:StringNotEquals", {"a"}, {"a", "b"}));
}

TEST(Condition, ForAnyValueNeedsOne) {
  EXPECT_TRUE(Says("ForAnyValue:StringEquals", {"a"}, {"c", "a"}));
  EXPECT_FALSE(Says("ForAnyValue:StringEquals", {"a"}, {"c", "d"}));
  EXPECT_FALSE(Says("ForAnyValue:StringEquals", {"a"}, {}));
  EXPECT_FALSE(Says("ForAnyValue:StringNotEquals", {"a"}, {}));
  EXPECT_TRUE(Says("ForAnyValue:StringNotEquals", {"a"}, {"a", "b"}));
}

TEST(Condition, WithAVariableThatHasNoValueIsEqualToNothing) {
  const auto says = [](std::string_view op, Context context) {
    Condition condition = *ParseConditionOperator(op);
    condition.key = "ecs:cluster";
    condition.values = {"${aws:username}"};
    condition.has_variables = true;
    context.emplace("ecs:cluster", "${aws:username}");
    return Holds(condition, {.context = std::move(context)});
  };
  EXPECT_FALSE(says("StringEquals", {}));
  EXPECT_TRUE(says("StringNotLike", {}));
  EXPECT_TRUE(says("StringEquals", {{"aws:username", "${aws:username}"}}));
  EXPECT_FALSE(says("StringLike", {{"aws:username", "*"}}));
}

TEST(ConditionOperator, ThatIamDoesNotHaveIsRefused) {
  for (const char* text : {"", "StringMatches", "stringequals", "IfExists", "NullIfExists",
                           "ForSomeValues:StringEquals", "ForAllValues:", "StringEqualsIfExistsX",
                           "ForAnyValue:ForAllValues:StringEquals"}) {
    EXPECT_FALSE(ParseConditionOperator(text)) << text;
  }
}

TEST(ConditionValues, ThatCanNotBeComparedAreRefused) {
  const auto problem = [](std::string_view op, const char* value) {
    Condition condition = *ParseConditionOperator(op);
    condition.values = {value};
    const auto checked = CheckConditionValues(condition);
    return checked ? "none" : checked.error().message();
  };
  EXPECT_EQ(problem("NumericEquals", "ten"), "must be a number, not \"ten\"");
  EXPECT_EQ(problem("NumericNotEqualsIfExists", "nan"), "must be a number, not \"nan\"");
  EXPECT_EQ(problem("DateLessThan", "soon"),
            "must be a time as 2026-11-25T18:15:00Z, not \"soon\"");
  EXPECT_EQ(problem("Null", "maybe"), "must be true or false, not \"maybe\"");
  EXPECT_EQ(problem("ForAllValues:Bool", "1"), "must be true or false, not \"1\"");
  for (const char* block : {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/", "::/129"}) {
    EXPECT_NE(problem("NotIpAddress", block), "none") << block;
  }
  EXPECT_EQ(CheckConditionValues(*ParseConditionOperator("StringEquals")).error().message(),
            "must have a value");
}

}  // namespace
}  // namespace berth::scheduler
