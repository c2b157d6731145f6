#include "agent/task/name_files.h"

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

constexpr std::string_view kHost =
    "# from the host\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch lab.example\noptions "
    "edns0\n";

const TaskResolver kResolver = {.address = "169.254.170.53", .domain = "berth.internal"};

TEST(NameFilesTest, LeavesOutServersThatCanNotBeReached) {
  EXPECT_EQ(ResolvConf({.host = kHost}),
            "nameserver 10.0.0.2\nsearch lab.example\noptions edns0\n");
  EXPECT_EQ(ResolvConf({.host = kHost, .reach = Reach::kHostNetwork}),
            "nameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch lab.example\noptions edns0\n");
}

TEST(NameFilesTest, OwnServersAndDomainsReplaceTheHosts) {
  EXPECT_EQ(ResolvConf({.host = kHost, .servers = {"9.9.9.9"}, .search = {"a.test", "b.test"}}),
            "nameserver 9.9.9.9\nsearch a.test b.test\noptions edns0\n");
}

TEST(NameFilesTest, TheResolverIsTheOnlyServerAndItsDomainComesFirst) {
  EXPECT_EQ(ResolvConf({.host = kHost, .resolver = kResolver}),
            "nameserver 169.254.170.53\nsearch berth.internal lab.example\noptions edns0\n");
  EXPECT_EQ(ResolvConf({.host = "", .resolver = kResolver}),
            "nameserver 169.254.170.53\nsearch berth.internal\n");
}

TEST(NameFilesTest, OwnServersAndDomainsGoBeforeTheResolver) {
  EXPECT_EQ(ResolvConf({.host = kHost, .servers = {"9.9.9.9"}, .resolver = kResolver}),
            "nameserver 9.9.9.9\nsearch lab.example\noptions edns0\n");
  EXPECT_EQ(ResolvConf({.host = kHost, .search = {"a.test"}, .resolver = kResolver}),
            "nameserver 169.254.170.53\nsearch a.test\noptions edns0\n");
}

TEST(NameFilesTest, TheLastOfTheHostsSearchLinesCounts) {
  EXPECT_EQ(ResolvConf({.host = "domain a.test\nsearch\tb.test c.test\nnameserver\n;search d\n"}),
            "search b.test c.test\n");
}

TEST(NameFilesTest, HostsNamesTheContainerItsLinksAndExtras) {
  const std::string hosts =
      HostsFile({"10.0.0.5", "fd00::5"}, "web", {{.address = "10.0.0.6", .names = "db x"}},
                {{.hostname = "api", .ipAddress = "192.0.2.1"}});
  EXPECT_TRUE(hosts.starts_with("127.0.0.1\tlocalhost\n"));
  EXPECT_TRUE(hosts.ends_with("10.0.0.5\tweb\nfd00::5\tweb\n10.0.0.6\tdb x\n192.0.2.1\tapi\n"));
}

}  // namespace
}  // namespace berth::agent
