#include "ecs/skeleton.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace berth::ecs {
namespace {

std::string Cleaned(const char* json) {
  auto document = ParseJson(json);
  return document ? DumpJson(WithoutBlanks(*document)) : document.error().message();
}

TEST(Skeleton, BlankTextAndNumbersAreNotGiven) {
  EXPECT_EQ(Cleaned(R"({"user":"","memory":0,"startTimeout":0,"links":[""]})"), "{}");
}

TEST(Skeleton, ZeroStaysWhereItSaysSomething) {
  const char* json = R"({"cpu":0,"hostPort":0,"maxSwap":0,"softLimit":0})";
  EXPECT_EQ(Cleaned(json), json);
}

TEST(Skeleton, EmptyTextStaysWhereItSaysSomething) {
  const char* json = R"({"environment":[{"name":"A","value":""}],"entryPoint":[""]})";
  EXPECT_EQ(Cleaned(json), json);
}

TEST(Skeleton, EmptyArgumentsAmongOthersStay) {
  const char* json = R"({"command":["sh","-c",""]})";
  EXPECT_EQ(Cleaned(json), json);
}

TEST(Skeleton, BlankObjectsGoWithTheirChoices) {
  EXPECT_EQ(Cleaned(R"({"portMappings":[{"containerPort":0,"hostPort":0,"protocol":"udp"}],
                              "healthCheck":{"command":[""],"interval":0,"timeout":0},
                              "mountPoints":[{"sourceVolume":"","readOnly":true}]})"),
            "{}");
}

TEST(Skeleton, ObjectsWithoutABlankStay) {
  const char* json = R"({"portMappings":[{"protocol":"udp"}],"environment":[{}]})";
  EXPECT_EQ(Cleaned(json), json);
}

TEST(Skeleton, ChoicesThatMeanSomethingAloneStay) {
  EXPECT_EQ(Cleaned(R"({"logConfiguration":{"logDriver":"gelf","options":{"KeyName":""}},
                              "restartPolicy":{"enabled":true,"restartAttemptPeriod":0}})"),
            R"({"logConfiguration":{"logDriver":"gelf"},"restartPolicy":{"enabled":true}})");
}

TEST(Skeleton, LongerListsKeepTheirIndices) {
  const char* json = R"({"environment":[{"value":""},{"name":"A","value":""}]})";
  EXPECT_EQ(Cleaned(R"({"environment":[{"name":"","value":""},{"name":"A","value":""}]})"), json);
}

TEST(Skeleton, FreeMapsKeepTheUsersKeys) {
  const char* json = R"({"dockerLabels":{"user":"","memory":""},"options":{"KeyName":"x"}})";
  EXPECT_EQ(Cleaned(json), json);
  EXPECT_EQ(Cleaned(R"({"dockerLabels":{"KeyName":""}})"), "{}");
}

}  // namespace
}  // namespace berth::ecs
