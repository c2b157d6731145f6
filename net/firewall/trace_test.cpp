#include "net/firewall/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "net/firewall/drops.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using End = TraceAnswer::End;

constexpr Ipv4 kFrom{0x0a090005}, kTo{0x0a090006}, kHost{0x0a090001}, kFar{0xc0000202};

class TraceTest : public TestHost {
 protected:
  TraceAnswer Ask(const std::string& from, IpAddress source, IpAddress destination, uint16_t port,
                  uint8_t protocol = IPPROTO_TCP) {
    const auto answer = TraceFlow({.from = from,
                                   .source = source,
                                   .destination = destination,
                                   .protocol = protocol,
                                   .port = port});
    EXPECT_TRUE(answer) << answer.error().message();
    return answer ? *answer : TraceAnswer();
  }
  static SecurityGroup Web() {
    const auto near = Ipv4Cidr::Parse("10.9.0.0/24"), far = Ipv4Cidr::Parse("192.0.2.0/24");
    return {.id = "sg-web",
            .ingress = {{.protocol = IPPROTO_UDP, .peer = Ipv4Cidr()},
                        {.protocol = IPPROTO_TCP, .ports = PortRange{80, 89}, .peer = *near}},
            .egress = {{.protocol = IPPROTO_TCP, .ports = PortRange{443, 443}, .peer = *far}}};
  }
};

TEST_F(TraceTest, NamesTheRulesOfBothSides) {
  const Netns one = Start(Plan("aa11", 5, {Web()}));
  const Netns two = Start(Plan("bb22", 6, {DefaultGroup()}));
  TraceAnswer answer = Ask("bb22", kTo, kFrom, 81);
  EXPECT_EQ(answer.end, End::kAccepted);
  EXPECT_THAT(answer.reasons,
              ElementsAre("sg-default egress[0] lets it out: everything",
                          "sg-web ingress[1] lets it in: source 10.9.0.0/24 protocol tcp "
                          "destination port >= 80 destination port <= 89"));
  answer = Ask("bb22", kTo, kFrom, 90);
  EXPECT_EQ(answer.end, End::kDropped);
  EXPECT_THAT(answer.reasons, ElementsAre("sg-default egress[0] lets it out: everything",
                                          "no rule of sg-web lets it in"));
  answer = Ask("aa11", kFrom, kTo, 80);
  EXPECT_THAT(answer.reasons, ElementsAre("no rule of sg-web lets it out"));
  answer = Ask("", kFar, kTo, 80);
  EXPECT_THAT(answer.reasons, ElementsAre("no rule of sg-default lets it in"));
}

TEST_F(TraceTest, KnowsMetadataTheHostAndTheOutside) {
  const Netns one = Start(Plan("aa11", 5, {Web()}));
  const Netns two = Start(Plan("bb22", 6));
  EXPECT_EQ(Ask("aa11", kFrom, kFar, 443).end, End::kAccepted);
  EXPECT_EQ(Ask("aa11", kFrom, kFar, 80).end, End::kDropped);
  const TraceAnswer metadata = Ask("bb22", kTo, Ipv4(0xa9fea9fe), 80);
  EXPECT_EQ(metadata.end, End::kRefused);
  EXPECT_THAT(metadata.reasons, ElementsAre(HasSubstr("instance metadata")));
  EXPECT_EQ(Ask("bb22", kTo, kHost, 22).end, End::kAccepted);
  EXPECT_EQ(Ask("", kHost, kTo, 80).end, End::kAccepted);
  EXPECT_EQ(Ask("", kHost, kFrom, 80).end, End::kAccepted);  // 10.9.0.1 is in the rule's block
  EXPECT_EQ(Ask("", kHost, kFrom, 22).end, End::kDropped);
}

TEST_F(TraceTest, FollowsAPublishedPort) {
  const Netns outside = MakeOutside();
  const Netns one = Start(Plan("aa11", 5, {}, {{Protocol::kTcp, 8080, 80}}));
  const TraceAnswer answer = Ask("", kFar, Ipv4(0xc0000201), 8080);
  EXPECT_EQ(answer.end, End::kAccepted);
  EXPECT_EQ(answer.redirected_to, kFrom);
  EXPECT_EQ(answer.redirected_port, 80);
  EXPECT_EQ(Ask("", kFar, kFrom, 80).end, End::kDropped) << "but not past the port";
  EXPECT_EQ(Ask("", kFar, Ipv4(0xc0000201), 8080, IPPROTO_UDP).redirected_port, 0);
}

TEST_F(TraceTest, SaysWhatReallyHappens) {
  const Netns outside = MakeOutside();
  const Netns one = Start(Plan("aa11", 5, {Web()}));
  const Netns two = Start(Plan("bb22", 6, {DefaultGroup()}));
  for (const uint16_t port : {79, 80, 89, 90}) {
    const Reach reach = Connect(two, "10.9.0.5", port);
    EXPECT_EQ(Ask("bb22", kTo, kFrom, port).end == End::kAccepted, reach == Reach::kRefused)
        << port;
  }
  for (const uint16_t port : {442, 443}) {
    const Reach reach = Connect(one, "192.0.2.2", port);
    EXPECT_EQ(Ask("aa11", kFrom, kFar, port).end == End::kAccepted, reach == Reach::kRefused)
        << port;
  }
}

TEST_F(TraceTest, KnowsIpv6) {
  const Ipv6 network = *Ipv6::Parse("fd00:9::"), far = *Ipv6::Parse("2001:db8::1");
  const IpAddress one = network + 5, two = network + 6;
  const SecurityGroup web = {.id = "sg-web",
                             .ingress = {{.protocol = IPPROTO_TCP,
                                          .ports = PortRange{80, 80},
                                          .peer = *Ipv6Cidr::Parse("fd00:9::/64")}},
                             .egress = {{.peer = Ipv4Cidr()}}};
  const Netns first = Start(Plan6("aa11", 5, {web}));
  const Netns second = Start(Plan6("bb22", 6, {}, {{Protocol::kTcp, 8080, 80}}));
  EXPECT_THAT(Ask("bb22", two, one, 80).reasons,
              ElementsAre("bridge mode lets everything out",
                          "sg-web ingress[0] lets it in: source fd00:9::/64 protocol tcp "
                          "destination port 80"));
  EXPECT_EQ(Ask("bb22", two, one, 81).end, End::kDropped);
  EXPECT_THAT(Ask("aa11", one, two, 80).reasons, ElementsAre("no rule of sg-web lets it out"));
  EXPECT_EQ(Ask("aa11", kFrom, kTo, 80).reasons.front(),
            "sg-web egress[0] lets it out: everything");
  EXPECT_EQ(Ask("bb22", two, *Ipv6::Parse("fd00:ec2::254"), 80).end, End::kRefused);
  const TraceAnswer published = Ask("", far, network + 1, 8080);
  EXPECT_EQ(published.redirected_to, two);
  EXPECT_EQ(published.redirected_port, 80);
  EXPECT_EQ(published.end, End::kAccepted);
  EXPECT_FALSE(TraceFlow({.source = kFrom, .destination = two, .protocol = IPPROTO_TCP}));
  EXPECT_EQ(Connect(second, "fd00:9::5", 81), Reach::kSilence);
  EXPECT_EQ(ReadDrops("aa11")->ingress, 1U);
  EXPECT_THAT(*GroupsInForce(one), ElementsAre("sg-web"));
}

TEST_F(TraceTest, WithoutATableItSaysSo) {
  EXPECT_THAT(Ask("", kFar, kHost, 80).reasons, ElementsAre(HasSubstr("no table")));
}

TEST_F(TraceTest, DropsAreCountedForWhoseGroupsDrop) {
  const Netns one = Start(Plan("aa11", 5, {Web()}));
  const Netns two = Start(Plan("bb22", 6, {DefaultGroup()}));
  EXPECT_EQ(Connect(two, "10.9.0.5", 22), Reach::kSilence);  // not let in
  EXPECT_EQ(Connect(one, "10.9.0.6", 22), Reach::kSilence);  // not let out
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kRefused);  // let through
  const auto of_one = ReadDrops("aa11"), of_two = ReadDrops("bb22");
  ASSERT_TRUE(of_one && of_two);
  EXPECT_EQ(of_one->ingress, 1U);
  EXPECT_EQ(of_one->egress, 1U);
  EXPECT_EQ(of_two->ingress, 0U);
  EXPECT_EQ(of_two->egress, 0U);
  EXPECT_THAT(*GroupsInForce(kFrom), ElementsAre("sg-web"));
}

}  // namespace
}  // namespace berth::net
