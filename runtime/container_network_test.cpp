// The interfaces of a container with a network namespace: its own, and those that it is given of
// its host's (linux.netDevices).
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include "base/files.h"
#include "base/process.h"
#include "base/sys.h"
#include "runtime/namespaces.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A network namespace plays the host: what is moved out of it and lost is its own.
class ContainerNetwork : public testing::Test {
 protected:
  void SetUp() override {
    own_ = *sys::Open("/proc/thread-self/ns/net", O_RDONLY);
    ASSERT_TRUE(sys::Unshare(CLONE_NEWNET));
    Ip("link add outer type veth peer name far");
    Ip("address add 192.0.2.7/24 dev outer");
    Ip("address add 192.0.2.8/32 dev outer noprefixroute");
    Ip("-6 address add 2001:db8::7/64 dev outer nodad");
    Ip("link set far up");
  }
  void TearDown() override { ASSERT_TRUE(sys::Setns(own_.get(), CLONE_NEWNET)); }

  static std::string Ip(const std::string& words) {
    const auto run = RunCommand({.argv = {"/bin/sh", "-c", "ip " + words}});
    EXPECT_TRUE(run && run->status.code == 0) << words;
    return run ? run->out : "";
  }

 private:
  UniqueFd own_;
};

TEST_F(ContainerNetwork, HasALoopbackThatIsUp) {
  TestBox box;
  EXPECT_THAT(box.Run("/bin/busybox ip -o address").text,
              AllOf(HasSubstr("127.0.0.1/8"), HasSubstr("::1/128")));
}

TEST_F(ContainerNetwork, LeavesTheLoopbackOfOthersAlone) {
  TestBox box;
  std::erase_if(box.spec.linux_.namespaces,
                [](const Namespace& one) { return one.type == "network"; });
  EXPECT_THAT(box.Run("/bin/busybox ip -o address").text, Not(HasSubstr("127.0.0.1/8")));
}

TEST_F(ContainerNetwork, MovesAnInterfaceWithItsAddressesAndSetsItUp) {
  TestBox box;
  box.spec.linux_.netDevices = {{"outer", {}}};
  const Outcome outcome = box.Run("/bin/busybox ip address show outer; /bin/busybox ip route");
  EXPECT_EQ(outcome.error, "");
  EXPECT_THAT(outcome.text,
              AllOf(HasSubstr("UP"), HasSubstr("inet 192.0.2.7/24 "), HasSubstr("192.0.2.8/32 "),
                    HasSubstr("2001:db8::7/64"), HasSubstr("192.0.2.0/24 dev outer")));
  EXPECT_THAT(Ip("-o link"), Not(HasSubstr("outer")));
}

TEST_F(ContainerNetwork, GivesAnInterfaceAnotherName) {
  TestBox box;
  box.spec.linux_.netDevices = {{"far", {.name = "data%d"}}, {"outer", {.name = "inside"}}};
  const Outcome outcome = box.Run("/bin/busybox ip -o address");
  EXPECT_THAT(outcome.text, HasSubstr(": inside    inet 192.0.2.7/24")) << outcome.error;
  EXPECT_THAT(box.Run("true").error, HasSubstr("linux.netDevices.far: no such interface"));
}

TEST_F(ContainerNetwork, NumbersANameWithAPlaceholder) {
  TestBox box;
  box.spec.linux_.netDevices = {{"far", {.name = "data%d"}}, {"outer", {.name = "data%d"}}};
  EXPECT_THAT(box.Run("/bin/busybox ip -o link").text,
              AllOf(HasSubstr(": data0"), HasSubstr(": data1")));
}

TEST_F(ContainerNetwork, MovesNothingIfOneCanNotBe) {
  TestBox box;
  box.spec.linux_.netDevices = {{"far", {}}, {"none", {}}};
  EXPECT_EQ(box.Run("true").error, "net-devices: linux.netDevices.none: no such interface");
  box.spec.linux_.netDevices = {{"far", {}}, {"outer", {.name = "lo"}}};
  EXPECT_EQ(box.Run("true").error,
            "net-devices: linux.netDevices.outer: the container has an interface lo "
            "already");
  EXPECT_THAT(Ip("-o link"), AllOf(HasSubstr("outer"), HasSubstr("far")));
}

TEST_F(ContainerNetwork, ServesAUserNamespaceAsWell) {
  TestBox box;
  box.spec.linux_.namespaces.push_back({.type = "user", .path = ""});
  box.spec.linux_.uidMappings = {{.containerID = 0, .hostID = 100000, .size = 65536}};
  box.spec.linux_.gidMappings = box.spec.linux_.uidMappings;
  for (const char* name : {"/proc", "/dev", "/sys"}) {
    ASSERT_TRUE(sys::MakeDirectories(box.root() + name, 0755));
  }
  box.spec.linux_.netDevices = {{"outer", {}}};
  EXPECT_THAT(box.Run("/bin/busybox ip -o address").text, HasSubstr("192.0.2.7/24"));
}

}  // namespace
}  // namespace berth::runtime
