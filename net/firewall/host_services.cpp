#include "net/firewall/host_services.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <algorithm>

#include "net/agent_endpoint.h"
#include "net/resolver_endpoint.h"

namespace berth::net {
namespace {

struct HostService {
  Ipv4 address;
  uint16_t port;
  uint8_t protocol;
  const char* comment;
};

constexpr HostService kHostServices[] = {
    {kAgentAddress, kAgentPort, IPPROTO_TCP, "the agent's endpoint"},
    {kResolverAddress, kResolverPort, IPPROTO_UDP, "the resolver"},
    {kResolverAddress, kResolverPort, IPPROTO_TCP, "the resolver"},
};

}  // namespace

bool IsHostService(const IpAddress& address) {
  return std::any_of(
      std::begin(kHostServices), std::end(kHostServices),
      [&](const HostService& service) { return address == IpAddress(service.address); });
}

void AcceptHostServices(NftBatch& batch, const char* from_task) {
  for (const HostService& service : kHostServices) {
    batch.AddRule(NftRule(from_task)
                      .Ipv4Only()
                      .Load(NftField::kDestination)
                      .Is(RawBytes(service.address.Bytes()))
                      .Load(NftField::kStatus)
                      .HasAnyBit(IPS_DST_NAT)
                      .Load(NftField::kProtocol)
                      .Is(RawBytes(service.protocol))
                      .Load(NftField::kDestinationPort)
                      .Is(RawBytes(htons(service.port)))
                      .Load(NftField::kDestinationType)
                      .Is(RawBytes(uint32_t{RTN_LOCAL}))
                      .Accept()
                      .Comment(service.comment));
  }
}

}  // namespace berth::net
