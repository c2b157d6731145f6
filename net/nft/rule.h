// One nftables rule, built expression by expression, as `nft --debug=netlink` shows them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "net/addresses/address.h"
#include "net/addresses/ipv6.h"
#include "net/netlink.h"

namespace berth::net {

/// What a rule can look at in a packet.
enum class NftField {
  kInterfaceIn,      // meta iifname
  kInterfaceOut,     // meta oifname
  kGroupIn,          // meta iifgroup: IFLA_GROUP of the interface it came in by
  kGroupOut,         // meta oifgroup
  kLinkType,         // meta iiftype
  kNetworkProtocol,  // meta nfproto
  kProtocol,         // meta l4proto
  kEtherSource,      // ether saddr
  kSource,           // ip saddr
  kDestination,      // ip daddr
  kSource6,          // ip6 saddr
  kDestination6,     // ip6 daddr
  kDestinationPort,  // th dport
  kPorts,            // th sport, th dport: where the protocol has any
  kTcpFlags,         // tcp flags
  kIcmpType,         // icmp type, icmpv6 type
  kIcmpCode,         // icmp code, icmpv6 code
  kState,            // ct state
  kStatus,           // ct status
  kMark,             // meta mark
  kSourceType,       // fib saddr type
  kDestinationType,  // fib daddr type
};

/// The fields of either family's header.
constexpr NftField SourceOf(IpFamily family) {
  return family == IpFamily::kIpv4 ? NftField::kSource : NftField::kSource6;
}
constexpr NftField DestinationOf(IpFamily family) {
  return family == IpFamily::kIpv4 ? NftField::kDestination : NftField::kDestination6;
}

/// A rule is a sentence: loads and comparisons in turn, all of which must hold, then what to do.
/// `NftRule("forward").Load(NftField::kGroupIn).Is(RawBytes(kLinkGroup)).Goto("from_task")`.
class NftRule {
 public:
  explicit NftRule(std::string chain) : chain_(std::move(chain)) {}

  /// Loads a field, or several as one concatenation.
  NftRule& Load(std::initializer_list<NftField> fields);
  NftRule& Load(NftField field) { return Load({field}); }

  // Tests of what was loaded last. Bytes are as the packet has them, or in host order for what the
  // kernel itself knows of it.
  /// Leaves these bits of it, for the test that follows.
  NftRule& Of(std::string_view mask) { return Mask(mask); }
  NftRule& Is(std::string_view value);
  NftRule& IsNot(std::string_view value);
  NftRule& InRange(std::string_view first, std::string_view last);
  NftRule& InBlock(Ipv4Cidr block);
  NftRule& InBlock(const Ipv6Cidr& block);
  NftRule& HasAnyBit(uint32_t bits);
  NftRule& InSet(const std::string& set);
  /// IPv4 alone: to stand before any field of an IPv4 header.
  NftRule& Ipv4Only();
  /// IPv6 alone, likewise.
  NftRule& Ipv6Only();
  NftRule& Only(IpFamily family) { return family == IpFamily::kIpv4 ? Ipv4Only() : Ipv6Only(); }
  /// Ethernet alone: to stand before any field of an Ethernet header.
  NftRule& EthernetOnly();

  // What to do.
  NftRule& Accept();
  NftRule& Drop();
  /// Refuses at once with ICMP "administratively prohibited".
  NftRule& Reject();
  /// Refuses TCP with a reset. An ICMP error that comes back while connect(2) is still sending is
  /// taken for a passing trouble, and costs the client a second.
  NftRule& ResetTcp();
  NftRule& Jump(const std::string& chain);
  NftRule& Goto(const std::string& chain);
  /// The verdict that the map has for what was loaded; on to the next rule if it has none.
  NftRule& VerdictFrom(const std::string& map);
  /// Redirects to the address and port that the map has for what was loaded.
  NftRule& DnatFrom(const std::string& map, IpFamily family);
  /// Holds if the map has a value for what was loaded.
  NftRule& InMap(const std::string& map);
  /// Gives the packet that mark, on its way through this host.
  NftRule& SetMark(uint32_t mark);
  /// Sends a copy by the interface of that index to the address. In tables of one family alone.
  NftRule& CopyTo(const IpAddress& address, int interface);
  /// Redirects to that address and port.
  NftRule& DnatTo(Ipv4 address, uint16_t port);
  NftRule& Masquerade();

  // For sets that packets fill (NftSet::filled).
  /// A number below `buckets` from what was loaded last, which has `size` bytes, in the register
  /// of 32 bits behind the name of an interface: loaded next, that is the key of both together.
  NftRule& HashBehindInterface(size_t size, uint32_t buckets);
  /// Counts the packet's flow in the set's element for what was loaded, which is made if there is
  /// none. Holds while no more than `most` flows of it are open.
  NftRule& CountsFlow(const std::string& set, uint32_t most);
  /// Puts what was loaded into the set, for as long as that keeps its elements.
  NftRule& AddTo(const std::string& set);
  /// Shown by `nft list ruleset`.
  NftRule& Comment(std::string text);

  const std::string& chain() const { return chain_; }
  const std::string& comment() const { return comment_; }
  const Attributes& expressions() const { return expressions_; }

 private:
  NftRule& Expression(const char* name, const Attributes& data);
  NftRule& AddTo(const std::string& set, const Attributes& state);
  NftRule& Compare(uint32_t operation, std::string_view value);
  NftRule& Mask(std::string_view mask);
  NftRule& Verdict(int32_t code, const std::string& chain = {});
  NftRule& Immediate(uint32_t reg, std::string_view value);
  /// Redirects to the address and port in the first registers.
  NftRule& Dnat(IpFamily family);

  std::string chain_;
  std::string comment_;
  Attributes expressions_;
};

/// NFTA_DATA_VALUE and NFTA_DATA_VERDICT: how nf_tables wraps values wherever they stand.
Attributes NftValue(std::string_view bytes);
Attributes NftVerdict(int32_t code, const std::string& chain = {});
/// A comment as libnftnl keeps it in an object's user data (`type`: see libnftnl/udata.h).
std::string NftComment(std::string_view text, uint8_t type = 0);

}  // namespace berth::net
