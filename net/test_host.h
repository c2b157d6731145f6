// For the tests: a network namespace that plays the host, tasks on it, and real connections.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "net/attachment.h"

namespace berth::net {

/// A group that lets nothing out.
SecurityGroup MuteGroup();

/// Gives each test a new network namespace as its host; needs root.
class TestHost : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// An attachment to the test's subnet 10.9.0.0/24 with the address 10.9.0.`last`.
  Attachment Plan(const std::string& id, int last, std::vector<SecurityGroup> groups = {},
                  std::vector<PublishedPort> ports = {}) const;
  /// The same with an IPv6 address as well, fd00:9::`last` in hexadecimal.
  Attachment Plan6(const std::string& id, int last, std::vector<SecurityGroup> groups = {},
                   std::vector<PublishedPort> ports = {}) const;
  /// The same of a subnet without IPv4: 169.254.172.`last` is for the host's services alone.
  Attachment PlanOnly6(const std::string& id, int last) const;
  /// A new namespace attached as planned. Failures fail the test.
  Netns Start(const Attachment& attachment) const;
  static void Expect(const Result<void>& result) {
    EXPECT_TRUE(result) << result.error().message();
  }

  Netns host_;
  std::string directory_;
  std::string lock_;
};

/// What the command wrote to its standard output; must end with 0.
std::string Output(const std::vector<std::string>& argv);
/// Interfaces, addresses, routes, neighbours and the ruleset, as ip(8) and nft(8) tell them.
/// Without what packets have put into sets.
std::string DumpHost();

/// How an attempt to connect ended.
enum class Reach { kConnected, kRefused, kSilence };
std::ostream& operator<<(std::ostream& out, Reach reach);

/// Accepts connections, or takes and echoes datagrams, on a port in a namespace while it exists.
class Server {
 public:
  Server(const Netns& where, Protocol protocol, uint16_t port,
         const std::string& address = "0.0.0.0");
  /// Who connected or sent last; waits for up to a second. Datagrams are sent back.
  std::string Peer();

 private:
  UniqueFd fd_;
  Protocol protocol_;
};

/// Tries a TCP connection from a namespace, for up to 400 ms. `from`: a local address to bind.
Reach Connect(const Netns& from, const std::string& address, uint16_t port,
              const std::string& local = {});
/// Sends a datagram to `server` by that address and tells whether its echo came back. With
/// `local_port` it is the same flow every time.
bool Echoes(const Netns& from, const std::string& address, uint16_t port, Server& server,
            uint16_t local_port = 0);

/// A second namespace beyond the host, joined to it by a veth pair: 192.0.2.1 (host) to 192.0.2.2.
/// It has no route to tasks.
Netns MakeOutside();

/// Gives it and the host IPv6 as well: 2001:db8::1 (host) to 2001:db8::2.
void GiveOutsideIpv6(const Netns& outside);

/// Runs `work` in a child process with one environment variable set; tells how it ended.
int RunForked(const char* variable, const std::string& value, const std::function<void()>& work);

}  // namespace berth::net
