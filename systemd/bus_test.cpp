#include "systemd/bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>

#include "base/sys.h"
#include "systemd/fake_manager.h"
#include "systemd/libsystemd.h"
#include "systemd/manager_version.h"

namespace berth::systemd {
namespace {

using testing::HasSubstr;

TEST(LibSystemd, SaysWhatToInstallWhereItIsMissing) {
  const auto lib = LoadLibSystemd("libsystemd-of-no-host.so.0");
  ASSERT_FALSE(lib);
  EXPECT_TRUE(lib.error().Is(ENOENT));
  EXPECT_THAT(lib.error().message(), HasSubstr("libsystemd-of-no-host.so.0"));
  EXPECT_THAT(lib.error().message(), HasSubstr("install the package libsystemd0"));
}

TEST(LibSystemd, SaysWhatALibraryLacks) {
  const auto lib = LoadLibSystemd("libc.so.6");
  ASSERT_FALSE(lib);
  EXPECT_THAT(lib.error().message(), HasSubstr("libc.so.6: it has no sd_bus_call"));
}

TEST(Bus, SaysWhereNobodyListens) {
  const auto bus = Bus::Direct("unix:path=/nonexistent/socket");
  ASSERT_FALSE(bus);
  EXPECT_TRUE(bus.error().Is(ENOENT));
  EXPECT_THAT(bus.error().message(), HasSubstr("unix:path=/nonexistent/socket"));
}

TEST(Bus, SaysThatThereIsNoSystemBus) {
  if (::access("/run/systemd/private", F_OK) == 0) GTEST_SKIP() << "systemd answers here";
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
  const auto bus = Bus::System();
  ::unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
  ASSERT_FALSE(bus);
  EXPECT_THAT(bus.error().message(), HasSubstr("connect to the system bus"));
  EXPECT_TRUE(bus.error().Is(ENOENT));
}

TEST(Bus, SaysThatThereIsNoUserBus) {
  ::setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/socket", 1);
  const auto bus = Bus::User();
  ::unsetenv("DBUS_SESSION_BUS_ADDRESS");
  ASSERT_FALSE(bus);
  EXPECT_TRUE(bus.error().Is(ENOENT));
  EXPECT_THAT(bus.error().message(), HasSubstr("connect to the user's bus"));
}

TEST(Bus, DoesNotWaitForeverToBeAuthenticated) {
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = {}};
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t)),
            0);
  socklen_t size = sizeof name;
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&name), &size), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  const std::string abstract(name.sun_path + 1, size - sizeof(sa_family_t) - 1);
  const auto bus = Bus::Direct("unix:abstract=" + abstract, std::chrono::milliseconds(200));
  ASSERT_FALSE(bus);
  EXPECT_TRUE(bus.error().Is(ETIMEDOUT));
  EXPECT_THAT(bus.error().message(), HasSubstr("no answer within 0.2 s"));
}

TEST(Bus, TellsTheManagersWords) {
  FakeManager manager(
      {{"Get", AnswerError("org.freedesktop.DBus.Error.AccessDenied", "Not for you")}});
  auto bus = Bus::Direct(manager.address());
  ASSERT_TRUE(bus) << bus.error().message();
  const auto version = ManagerVersion(*bus);
  ASSERT_FALSE(version);
  EXPECT_TRUE(version.error().Is(EACCES));
  EXPECT_EQ(version.error().message(),
            "systemd: Version of /org/freedesktop/systemd1: Not for you");
}

TEST(Bus, FailsWhenTheManagerGoesAway) {
  auto manager = std::make_unique<FakeManager>(std::map<std::string, FakeManager::Answer>());
  auto bus = Bus::Direct(manager->address());
  ASSERT_TRUE(bus);
  manager.reset();
  const auto version = ManagerVersion(*bus);
  ASSERT_FALSE(version);
  EXPECT_FALSE(version.error().Is(ETIMEDOUT)) << version.error().message();
}

}  // namespace
}  // namespace berth::systemd
