#include "net/cni/protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/name.h"

namespace berth::net::cni {
namespace {

using testing::HasSubstr;

const Variables kAdd = {.CNI_COMMAND = "ADD",
                        .CNI_CONTAINERID = "c1",
                        .CNI_NETNS = "/run/netns/c1",
                        .CNI_IFNAME = "eth0"};

Failure Refused(const Variables& variables) {
  const auto request = ReadRequest(variables);
  EXPECT_FALSE(request);
  return request ? Failure{} : request.error();
}

TEST(ProtocolTest, ReadsWhatTheRuntimeAsksFor) {
  const auto request = ReadRequest(kAdd);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->command, Command::kAdd);
  EXPECT_EQ(request->containerId, "c1");
  EXPECT_EQ(request->netns, "/run/netns/c1");
  EXPECT_EQ(request->ifname, "eth0");
}

TEST(ProtocolTest, NamesEachVariableThatIsWrong) {
  Variables variables = kAdd;
  variables.CNI_CONTAINERID = "../x";
  variables.CNI_IFNAME = "a/b";
  variables.CNI_NETNS = "";
  const Failure failure = Refused(variables);
  EXPECT_EQ(failure.code, Code::kInvalidEnvironment);
  for (const char* name : {"CNI_CONTAINERID", "CNI_IFNAME", "CNI_NETNS"}) {
    EXPECT_THAT(failure.msg, HasSubstr(name));
  }
}

TEST(ProtocolTest, RefusesOtherCommands) {
  for (const char* command : {"", "add", "UPDATE"}) {
    EXPECT_EQ(Refused({.CNI_COMMAND = command}).code, Code::kInvalidEnvironment) << command;
  }
}

TEST(ProtocolTest, DelNeedsNoNamespaceAndGcNoContainer) {
  Variables variables = kAdd;
  variables.CNI_COMMAND = "DEL";
  variables.CNI_NETNS = "";
  EXPECT_TRUE(ReadRequest(variables));
  for (const char* command : {"GC", "STATUS", "VERSION"}) {
    EXPECT_TRUE(ReadRequest({.CNI_COMMAND = command})) << command;
  }
  EXPECT_FALSE(ReadRequest({.CNI_COMMAND = "DEL"}));
}

TEST(ProtocolTest, KnowsTheNamesOfInterfaces) {
  for (const char* name : {"eth0", "net1", "a.b", "0123456789abcde"}) {
    EXPECT_TRUE(IsInterfaceName(name)) << name;
  }
  for (const char* name : {"", ".", "..", "a/b", "a:b", "a b", "a%d", "0123456789abcdef", "\t"}) {
    EXPECT_FALSE(IsInterfaceName(name)) << name;
  }
}

TEST(ProtocolTest, OrdersVersions) {
  EXPECT_TRUE(IsAtLeast("1.0.0", "0.4.0"));
  EXPECT_TRUE(IsAtLeast("0.4.0", "0.4.0"));
  EXPECT_FALSE(IsAtLeast("0.3.1", "0.4.0"));
}

TEST(ProtocolTest, WritesFailuresAsJson) {
  EXPECT_EQ(FormatFailure("1.0.0", {Code::kInvalidConfig, "name: \"x\""}),
            R"({"cniVersion":"1.0.0","code":7,"msg":"name: \"x\""})");
  EXPECT_EQ(
      FormatVersions("0.4.0"),
      R"({"cniVersion":"0.4.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]})");
}

}  // namespace
}  // namespace berth::net::cni
