#include "agent/task/name_files.h"

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

constexpr std::string_view kHost =
    "# from the host\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch lab.example\noptions "
    "edns0\n";

TEST(NameFilesTest, LeavesOutServersThatCanNotBeReached) {
  EXPECT_EQ(ResolvConf(std::string(kHost), {}, {}, Reach::kOwnNetwork),
            "nameserver 10.0.0.2\nsearch lab.example\noptions edns0\n");
  EXPECT_EQ(ResolvConf(std::string(kHost), {}, {}, Reach::kHostNetwork),
            "nameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch lab.example\noptions edns0\n");
}

TEST(NameFilesTest, OwnServersAndDomainsReplaceTheHosts) {
  EXPECT_EQ(ResolvConf(std::string(kHost), {"9.9.9.9"}, {"a.test", "b.test"}, Reach::kOwnNetwork),
            "options edns0\nnameserver 9.9.9.9\nsearch a.test b.test\n");
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
