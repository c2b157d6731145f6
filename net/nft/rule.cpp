#include "net/nft/rule.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include <cstddef>

namespace berth::net {
namespace {

/// How a field gets into registers: the expression that loads it and what that is told.
struct Loader {
  const char* expression;  // meta, payload, ct or fib
  uint32_t key = 0;        // NFT_META_*, NFT_CT_*, or the base of a payload
  uint32_t offset = 0;     // in the payload; the flags of fib
  uint32_t size = 0;       // in bytes
};

Loader LoaderOf(NftField field) {
  constexpr uint32_t kIpSource = offsetof(iphdr, saddr);
  constexpr uint32_t kIpDestination = offsetof(iphdr, daddr);
  constexpr uint32_t kIp6Source = offsetof(ipv6hdr, saddr);
  constexpr uint32_t kIp6Destination = offsetof(ipv6hdr, daddr);
  constexpr uint32_t kEtherSource = offsetof(ethhdr, h_source);
  switch (field) {
    case NftField::kInterfaceIn:
      return {"meta", NFT_META_IIFNAME, 0, IFNAMSIZ};
    case NftField::kInterfaceOut:
      return {"meta", NFT_META_OIFNAME, 0, IFNAMSIZ};
    case NftField::kGroupIn:
      return {"meta", NFT_META_IIFGROUP, 0, 4};
    case NftField::kGroupOut:
      return {"meta", NFT_META_OIFGROUP, 0, 4};
    case NftField::kLinkType:
      return {"meta", NFT_META_IIFTYPE, 0, 2};
    case NftField::kNetworkProtocol:
      return {"meta", NFT_META_NFPROTO, 0, 1};
    case NftField::kProtocol:
      return {"meta", NFT_META_L4PROTO, 0, 1};
    case NftField::kEtherSource:
      return {"payload", NFT_PAYLOAD_LL_HEADER, kEtherSource, ETH_ALEN};
    case NftField::kSource:
      return {"payload", NFT_PAYLOAD_NETWORK_HEADER, kIpSource, 4};
    case NftField::kDestination:
      return {"payload", NFT_PAYLOAD_NETWORK_HEADER, kIpDestination, 4};
    case NftField::kSource6:
      return {"payload", NFT_PAYLOAD_NETWORK_HEADER, kIp6Source, 16};
    case NftField::kDestination6:
      return {"payload", NFT_PAYLOAD_NETWORK_HEADER, kIp6Destination, 16};
    // At the same place in TCP and UDP.
    case NftField::kDestinationPort:
      return {"payload", NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};
    case NftField::kPorts:
      return {"payload", NFT_PAYLOAD_TRANSPORT_HEADER, 0, 4};
    case NftField::kTcpFlags:
      return {"payload", NFT_PAYLOAD_TRANSPORT_HEADER, 13, 1};
    case NftField::kIcmpType:
      return {"payload", NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1};
    case NftField::kIcmpCode:
      return {"payload", NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1};
    case NftField::kState:
      return {"ct", NFT_CT_STATE, 0, 4};
    case NftField::kStatus:
      return {"ct", NFT_CT_STATUS, 0, 4};
    case NftField::kMark:
      return {"meta", NFT_META_MARK, 0, 4};
    case NftField::kSourceType:
      return {"fib", NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_SADDR, 4};
    case NftField::kDestinationType:
      return {"fib", NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR, 4};
  }
  return {"meta"};
}

Attributes LoadTo(uint32_t reg, const Loader& loader) {
  const std::string_view kind = loader.expression;
  Attributes data;
  if (kind == "meta") {
    data.BigEndian(NFTA_META_DREG, reg).BigEndian(NFTA_META_KEY, loader.key);
  } else if (kind == "ct") {
    data.BigEndian(NFTA_CT_DREG, reg).BigEndian(NFTA_CT_KEY, loader.key);
  } else if (kind == "fib") {
    data.BigEndian(NFTA_FIB_DREG, reg)
        .BigEndian(NFTA_FIB_RESULT, loader.key)
        .BigEndian(NFTA_FIB_FLAGS, loader.offset);
  } else {
    data.BigEndian(NFTA_PAYLOAD_DREG, reg)
        .BigEndian(NFTA_PAYLOAD_BASE, loader.key)
        .BigEndian(NFTA_PAYLOAD_OFFSET, loader.offset)
        .BigEndian(NFTA_PAYLOAD_LEN, loader.size);
  }
  return data;
}

Attributes LookUp(const std::string& set) {
  Attributes data;
  data.BigEndian(NFTA_LOOKUP_SREG, NFT_REG32_00).Text(NFTA_LOOKUP_SET, set);
  return data;
}

}  // namespace

Attributes NftValue(std::string_view bytes) {
  Attributes data;
  data.Bytes(NFTA_DATA_VALUE, bytes);
  return data;
}

Attributes NftVerdict(int32_t code, const std::string& chain) {
  Attributes verdict;
  verdict.BigEndian(NFTA_VERDICT_CODE, static_cast<uint32_t>(code));
  if (!chain.empty()) verdict.Text(NFTA_VERDICT_CHAIN, chain);
  Attributes data;
  data.Nest(NFTA_DATA_VERDICT, verdict);
  return data;
}

std::string NftComment(std::string_view text, uint8_t type) {
  constexpr size_t kLongest = 128 - 1;  // what nft(8) takes, without the NUL
  text = text.substr(0, kLongest);
  const auto size = static_cast<char>(text.size() + 1);
  return std::string{static_cast<char>(type), size}.append(text) + '\0';
}

NftRule& NftRule::Expression(const char* name, const Attributes& data) {
  Attributes expression;
  expression.Text(NFTA_EXPR_NAME, name).Nest(NFTA_EXPR_DATA, data);
  expressions_.Nest(NFTA_LIST_ELEM, expression);
  return *this;
}

NftRule& NftRule::Load(std::initializer_list<NftField> fields) {
  // Registers of 32 bits, one field after another, each from a new one on.
  uint32_t reg = NFT_REG32_00;
  for (const NftField field : fields) {
    const Loader loader = LoaderOf(field);
    Expression(loader.expression, LoadTo(reg, loader));
    reg += (loader.size + 3) / 4;
  }
  return *this;
}

NftRule& NftRule::Compare(uint32_t operation, std::string_view value) {
  Attributes data;
  data.BigEndian(NFTA_CMP_SREG, NFT_REG32_00)
      .BigEndian(NFTA_CMP_OP, operation)
      .Nest(NFTA_CMP_DATA, NftValue(value));
  return Expression("cmp", data);
}

NftRule& NftRule::Is(std::string_view value) { return Compare(NFT_CMP_EQ, value); }
NftRule& NftRule::IsNot(std::string_view value) { return Compare(NFT_CMP_NEQ, value); }

NftRule& NftRule::InRange(std::string_view first, std::string_view last) {
  return Compare(NFT_CMP_GTE, first).Compare(NFT_CMP_LTE, last);
}

NftRule& NftRule::Mask(std::string_view mask) {
  Attributes data;
  data.BigEndian(NFTA_BITWISE_SREG, NFT_REG32_00)
      .BigEndian(NFTA_BITWISE_DREG, NFT_REG32_00)
      .BigEndian(NFTA_BITWISE_LEN, static_cast<uint32_t>(mask.size()))
      .Nest(NFTA_BITWISE_MASK, NftValue(mask))
      .Nest(NFTA_BITWISE_XOR, NftValue(std::string(mask.size(), '\0')));
  return Expression("bitwise", data);
}

NftRule& NftRule::InBlock(Ipv4Cidr block) {
  if (block.prefix() == 0) return *this;
  if (block.prefix() < 32) Mask(RawBytes(Ipv4(block.Mask()).Bytes()));
  return Is(RawBytes(block.Network().Bytes()));
}

NftRule& NftRule::InBlock(const Ipv6Cidr& block) {
  if (block.prefix() == 0) return *this;
  if (block.prefix() < 128) Mask(RawBytes(block.Mask()));
  return Is(RawBytes(block.Network().Bytes()));
}

NftRule& NftRule::HasAnyBit(uint32_t bits) {
  return Mask(RawBytes(bits)).IsNot(std::string(sizeof bits, '\0'));
}

NftRule& NftRule::InSet(const std::string& set) { return Expression("lookup", LookUp(set)); }

NftRule& NftRule::Ipv4Only() {
  return Load(NftField::kNetworkProtocol).Is(RawBytes(uint8_t{NFPROTO_IPV4}));
}

NftRule& NftRule::Ipv6Only() {
  return Load(NftField::kNetworkProtocol).Is(RawBytes(uint8_t{NFPROTO_IPV6}));
}

NftRule& NftRule::EthernetOnly() {
  return Load(NftField::kLinkType).Is(RawBytes(uint16_t{ARPHRD_ETHER}));
}

NftRule& NftRule::Verdict(int32_t code, const std::string& chain) {
  Attributes data;
  data.BigEndian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT)
      .Nest(NFTA_IMMEDIATE_DATA, NftVerdict(code, chain));
  return Expression("immediate", data);
}

NftRule& NftRule::Accept() { return Verdict(NF_ACCEPT); }
NftRule& NftRule::Drop() { return Verdict(NF_DROP); }
NftRule& NftRule::Jump(const std::string& chain) { return Verdict(NFT_JUMP, chain); }
NftRule& NftRule::Goto(const std::string& chain) { return Verdict(NFT_GOTO, chain); }

NftRule& NftRule::Reject() {
  Attributes data;
  data.BigEndian(NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH)
      .Number<uint8_t>(NFTA_REJECT_ICMP_CODE, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
  return Expression("reject", data);
}

NftRule& NftRule::ResetTcp() {
  Attributes data;
  data.BigEndian(NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
  return Load(NftField::kProtocol).Is(RawBytes(uint8_t{IPPROTO_TCP})).Expression("reject", data);
}

NftRule& NftRule::VerdictFrom(const std::string& map) {
  return Expression("lookup", LookUp(map).BigEndian(NFTA_LOOKUP_DREG, NFT_REG_VERDICT));
}

NftRule& NftRule::DnatFrom(const std::string& map, IpFamily family) {
  return Expression("lookup", LookUp(map).BigEndian(NFTA_LOOKUP_DREG, NFT_REG32_00)).Dnat(family);
}

NftRule& NftRule::InMap(const std::string& map) {
  // The value goes where no rule looks: behind the longest key.
  return Expression("lookup", LookUp(map).BigEndian(NFTA_LOOKUP_DREG, NFT_REG32_08));
}

NftRule& NftRule::SetMark(uint32_t mark) {
  Immediate(NFT_REG32_00, RawBytes(mark));
  Attributes data;
  data.BigEndian(NFTA_META_KEY, NFT_META_MARK).BigEndian(NFTA_META_SREG, NFT_REG32_00);
  return Expression("meta", data);
}

NftRule& NftRule::CopyTo(const IpAddress& address, int interface) {
  Immediate(NFT_REG32_00, address.Bytes()).Immediate(NFT_REG32_04, RawBytes(interface));
  Attributes data;
  data.BigEndian(NFTA_DUP_SREG_ADDR, NFT_REG32_00).BigEndian(NFTA_DUP_SREG_DEV, NFT_REG32_04);
  return Expression("dup", data);
}

NftRule& NftRule::Immediate(uint32_t reg, std::string_view value) {
  Attributes data;
  data.BigEndian(NFTA_IMMEDIATE_DREG, reg).Nest(NFTA_IMMEDIATE_DATA, NftValue(value));
  return Expression("immediate", data);
}

NftRule& NftRule::DnatTo(Ipv4 address, uint16_t port) {
  return Immediate(NFT_REG32_00, RawBytes(address.Bytes()))
      .Immediate(NFT_REG32_01, RawBytes(htons(port)))
      .Dnat(IpFamily::kIpv4);
}

NftRule& NftRule::Dnat(IpFamily family) {
  const bool ipv4 = family == IpFamily::kIpv4;
  Attributes data;
  data.BigEndian(NFTA_NAT_TYPE, NFT_NAT_DNAT)
      .BigEndian(NFTA_NAT_FAMILY, ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6)
      .BigEndian(NFTA_NAT_REG_ADDR_MIN, NFT_REG32_00)
      // Behind the address, of which IPv6's takes four registers.
      .BigEndian(NFTA_NAT_REG_PROTO_MIN, ipv4 ? NFT_REG32_01 : NFT_REG32_04)
      .BigEndian(NFTA_NAT_FLAGS, NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED);
  return Expression("nat", data);
}

NftRule& NftRule::Masquerade() { return Expression("masq", {}); }

NftRule& NftRule::HashBehindInterface(size_t size, uint32_t buckets) {
  // Without a seed the kernel takes a random one, which nobody outside can guess.
  Attributes data;
  data.BigEndian(NFTA_HASH_TYPE, NFT_HASH_JENKINS)
      .BigEndian(NFTA_HASH_SREG, NFT_REG32_00)
      .BigEndian(NFTA_HASH_LEN, static_cast<uint32_t>(size))
      .BigEndian(NFTA_HASH_MODULUS, buckets)
      .BigEndian(NFTA_HASH_DREG, NFT_REG32_00 + IFNAMSIZ / 4);
  return Expression("hash", data);
}

NftRule& NftRule::AddTo(const std::string& set, const Attributes& state) {
  Attributes data;
  data.Text(NFTA_DYNSET_SET_NAME, set)
      .BigEndian(NFTA_DYNSET_OP, NFT_DYNSET_OP_ADD)
      .BigEndian(NFTA_DYNSET_SREG_KEY, NFT_REG32_00);
  if (!state.bytes().empty()) data.Nest(NFTA_DYNSET_EXPR, state);
  return Expression("dynset", data);
}

NftRule& NftRule::AddTo(const std::string& set) { return AddTo(set, {}); }

NftRule& NftRule::CountsFlow(const std::string& set, uint32_t most) {
  Attributes limit;
  limit.BigEndian(NFTA_CONNLIMIT_COUNT, most);
  Attributes state;
  state.Text(NFTA_EXPR_NAME, "connlimit").Nest(NFTA_EXPR_DATA, limit);
  return AddTo(set, state);
}

NftRule& NftRule::Comment(std::string text) {
  comment_ = std::move(text);
  return *this;
}

}  // namespace berth::net
