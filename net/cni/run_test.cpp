#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/cni/commands.h"

namespace berth::net::cni {
namespace {

// What fails before the kernel or the state is asked; tests/integration/cni has the rest.
class RunTest : public testing::Test {
 protected:
  Json Answered(int status, const std::string& command, const Result<std::string>& input) {
    const Outcome outcome = cni::Run({.CNI_COMMAND = command,
                                      .CNI_CONTAINERID = "c",
                                      .CNI_NETNS = "/nowhere/netns",
                                      .CNI_IFNAME = "eth0"},
                                     input, {.run = "/nowhere/run"});
    EXPECT_EQ(outcome.status, status);
    const auto json = ParseJson(outcome.out);
    EXPECT_TRUE(json) << outcome.out;
    return json ? *json : Json::object();
  }
  int CodeOf(const std::string& command, const Result<std::string>& input) {
    return Answered(1, command, input).value("code", 0);
  }
};

TEST_F(RunTest, TellsItsVersionsWithAndWithoutADocument) {
  EXPECT_EQ(Answered(0, "VERSION", "").at("cniVersion"), "1.1.0");
  EXPECT_EQ(Answered(0, "VERSION", R"({"cniVersion": "0.4.0"})").at("cniVersion"), "0.4.0");
  EXPECT_EQ(Answered(0, "VERSION", "").at("supportedVersions").size(), 5u);
}

TEST_F(RunTest, CommandsThatAVersionDoesNotHaveAreRefused) {
  for (const auto& [command, version] : std::vector<std::pair<const char*, const char*>>{
           {"CHECK", "0.3.1"}, {"GC", "1.0.0"}, {"STATUS", "1.0.0"}}) {
    EXPECT_EQ(CodeOf(command, fmt::format(R"({{"cniVersion": "{}", "name": "n"}})", version)), 1)
        << command;
  }
}

TEST_F(RunTest, FailuresAreAnsweredInTheVersionOfTheDocument) {
  const Json answer = Answered(1, "ADD", R"({"cniVersion": "0.4.0", "name": "n", "x": 1})");
  EXPECT_EQ(answer.at("cniVersion"), "0.4.0");
  EXPECT_EQ(answer.at("code"), 2);
  EXPECT_EQ(answer.at("msg"), "x: 1 is not a field of berth-cni");
}

TEST_F(RunTest, WhatIsNoDocumentHasItsCode) {
  EXPECT_EQ(CodeOf("ADD", "{"), 6);
  EXPECT_EQ(CodeOf("ADD", "[]"), 7);
  EXPECT_EQ(CodeOf("ADD", Error("gone")), 5);
  EXPECT_EQ(CodeOf("DANCE", "{}"), 4);
}

TEST_F(RunTest, ANamespaceThatIsNotThereIsAnUnknownContainer) {
  EXPECT_EQ(CodeOf("ADD", R"({"cniVersion": "1.0.0", "name": "n",
                            "subnets": [{"cidrBlock": "10.0.0.0/16"}]})"),
            3);
}

}  // namespace
}  // namespace berth::net::cni
