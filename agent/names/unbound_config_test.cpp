#include "agent/names/unbound_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent::names {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(UnboundConfigTest, TheHostsServersAreTakenInTheirOrder) {
  EXPECT_THAT(Upstreams("# nameserver 10.0.0.1\n"
                        "nameserver 10.0.0.2\n"
                        "  nameserver\t fd00::1 # the second\n"
                        "search lab\n"
                        "nameserver 127.0.0.53\n"
                        "nameserver 10.0.0.2\n"
                        "nameserver fe80::1%eth0\n"),
              ElementsAre("10.0.0.2", "fd00::1", "127.0.0.53", "fe80::1%eth0"));
}

TEST(UnboundConfigTest, WhatIsNoServerIsLeftOut) {
  EXPECT_THAT(Upstreams("nameserver\nnameserver 10.0.0\nnameserver example.com\n"
                        "nameservers 10.0.0.1\nnameserver10.0.0.1\nnameserver 1.2.3.4@53\n"
                        "nameserver 10.0.0.1\"\nnameserver fe80::1%\nnameserver fe80::1%a\"b\n"),
              IsEmpty());
}

TEST(UnboundConfigTest, TheResolverIsNotToldToAskItself) {
  EXPECT_THAT(Upstreams("nameserver 169.254.170.53\nnameserver 10.0.0.2\n"),
              ElementsAre("10.0.0.2"));
}

UnboundSettings Settings() {
  return {.directory = "/some/where",
          .zone = "names.zone",
          .control = "control",
          .domain = "berth.internal",
          .upstreams = {"10.0.0.2", "fd00::1"}};
}

TEST(UnboundConfigTest, ForwardsToTheUpstreamsAndKeepsTheDomain) {
  const std::string config = UnboundConfig(Settings());
  EXPECT_THAT(config, HasSubstr("interface: 169.254.170.53@51653\n"));
  EXPECT_THAT(config, HasSubstr("forward-zone:\n  name: \".\"\n  forward-addr: 10.0.0.2\n"
                                "  forward-addr: fd00::1\n"));
  EXPECT_THAT(config, HasSubstr("auth-zone:\n  name: \"berth.internal.\"\n"
                                "  zonefile: \"/some/where/names.zone\"\n"));
  EXPECT_THAT(config, HasSubstr("local-zone: \"berth.internal.\" transparent\n"));
  EXPECT_THAT(config, HasSubstr("control-interface: \"/some/where/control\"\n"));
}

TEST(UnboundConfigTest, WithoutUpstreamsNobodyIsAsked) {
  UnboundSettings settings = Settings();
  settings.upstreams.clear();
  EXPECT_THAT(UnboundConfig(settings), HasSubstr("local-zone: \".\" refuse\n"));
  EXPECT_THAT(UnboundConfig(settings), Not(HasSubstr("forward-zone")));
}

}  // namespace
}  // namespace berth::agent::names
