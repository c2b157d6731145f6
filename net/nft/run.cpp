#include "net/nft/run.h"

#include <arpa/inet.h>
#include <linux/if_arp.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include <cstring>

#include "base/text.h"
#include "net/nft/words.h"

namespace berth::net {
namespace {

constexpr int kDeepest = 16;  // as the kernel's NFT_JUMP_STACK_SIZE

uint32_t Number(const AttributeView& data, uint16_t type) {
  return ntohl(FromBytes<uint32_t>(data.Find(type)));
}

/// The kernel tells registers of 32 bits by their old names where these begin in the same place.
uint32_t Slot(uint32_t reg) { return reg >= NFT_REG32_00 ? reg - NFT_REG32_00 : (reg - 1) * 4; }

std::string InterfaceName(const std::string& name) {
  std::string bytes = name;
  bytes.resize(16);
  return bytes;
}

std::string MetaOf(const NftPacket& packet, uint32_t key) {
  switch (key) {
    case NFT_META_IIFNAME:
      return InterfaceName(packet.interface_in);
    case NFT_META_IIFGROUP:
      return RawBytes(packet.group_in);
    case NFT_META_OIFGROUP:
      return RawBytes(packet.group_out);
    case NFT_META_IIFTYPE:
      return RawBytes(uint16_t{ARPHRD_ETHER});
    case NFT_META_NFPROTO:
      return RawBytes(static_cast<uint8_t>(packet.ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4));
    case NFT_META_L4PROTO:
      return RawBytes(packet.protocol);
    default:
      return {};
  }
}

/// The headers of the packet, as far as rules look at them.
std::string HeaderOf(const NftPacket& packet, uint32_t base) {
  if (base == NFT_PAYLOAD_LL_HEADER) return std::string(6, '\0') + packet.mac;
  if (base == NFT_PAYLOAD_NETWORK_HEADER) {
    return std::string(packet.ipv6 ? 8 : 12, '\0') + packet.source + packet.destination;
  }
  const bool has_ports = packet.protocol == IPPROTO_TCP || packet.protocol == IPPROTO_UDP ||
                         packet.protocol == IPPROTO_SCTP;
  return has_ports ? std::string(2, '\0') + RawBytes(htons(packet.port)) : std::string(4, '\0');
}

}  // namespace

std::string NftRun::Bytes(uint32_t from, size_t size) {
  std::string bytes;
  for (size_t slot = Slot(from); bytes.size() < size && slot < registers_.size(); ++slot) {
    bytes += registers_[slot];
    bytes.resize((bytes.size() + 3) / 4 * 4);
  }
  bytes.resize(size);
  return bytes;
}

void NftRun::Store(uint32_t from, std::string bytes) {
  for (size_t slot = Slot(from); !bytes.empty() && slot < registers_.size(); ++slot) {
    registers_[slot] = bytes.substr(0, 4);
    registers_[slot].resize(4);
    bytes.erase(0, 4);
  }
}

Result<bool> NftRun::Load(const std::string& kind, const AttributeView& data) {
  std::string bytes;
  uint32_t to = 0;
  if (kind == "meta") {
    to = Number(data, NFTA_META_DREG);
    bytes = MetaOf(packet_, Number(data, NFTA_META_KEY));
    loaded_ = MetaWords(Number(data, NFTA_META_KEY));
  } else if (kind == "ct") {
    to = Number(data, NFTA_CT_DREG);
    const bool state = Number(data, NFTA_CT_KEY) == NFT_CT_STATE;
    const uint32_t status = packet_.redirected ? uint32_t{IPS_DST_NAT} : 0;
    bytes = RawBytes(state ? uint32_t{NF_CT_STATE_BIT(IP_CT_NEW)} : status);
    loaded_ = state ? "state" : "status";
  } else if (kind == "fib") {
    to = Number(data, NFTA_FIB_DREG);
    const bool source = (Number(data, NFTA_FIB_FLAGS) & NFTA_FIB_F_SADDR) != 0;
    bytes = RawBytes(source ? packet_.source_type : packet_.destination_type);
    loaded_ = source ? "kind of source" : "kind of destination";
  } else {
    to = Number(data, NFTA_PAYLOAD_DREG);
    const uint32_t base = Number(data, NFTA_PAYLOAD_BASE);
    const uint32_t offset = Number(data, NFTA_PAYLOAD_OFFSET);
    const uint32_t size = Number(data, NFTA_PAYLOAD_LEN);
    const std::string header = HeaderOf(packet_, base);
    if (offset + size > header.size()) return false;  // as the kernel: the packet has no such field
    bytes = header.substr(offset, size);
    loaded_ = PayloadWords(base, offset, size);
  }
  Store(to, bytes);
  mask_.clear();
  return true;
}

Result<bool> NftRun::LookUp(const AttributeView& data) {
  const std::string name = data.Text(NFTA_LOOKUP_SET);
  says_ += fmt::format(" {} in {}", loaded_, name);
  const auto set = program_.sets_.find(name);
  if (set == program_.sets_.end() || set->second.empty()) return false;
  const auto& elements = set->second;
  const auto found =
      elements.find(Bytes(Number(data, NFTA_LOOKUP_SREG), elements.begin()->first.size()));
  if (found == elements.end()) return false;
  if (data.Find(NFTA_LOOKUP_DREG).empty()) return true;
  if (Number(data, NFTA_LOOKUP_DREG) != NFT_REG_VERDICT) {
    Store(Number(data, NFTA_LOOKUP_DREG), found->second.value);
  } else {
    verdict_ = Verdict{.code = NFT_GOTO, .chain = found->second.chain};
  }
  return true;
}

Result<bool> NftRun::Run(const NftProgram::Expression& expression) {
  const AttributeView data(expression.data);
  const std::string& name = expression.name;
  if (name == "meta" || name == "ct" || name == "fib" || name == "payload") return Load(name, data);
  if (name == "lookup") return LookUp(data);
  if (name == "counter") return true;
  if (name == "cmp") {
    const std::string value(AttributeView(data.Find(NFTA_CMP_DATA)).Find(NFTA_DATA_VALUE));
    const std::string bytes = Bytes(Number(data, NFTA_CMP_SREG), value.size());
    const uint32_t operation = Number(data, NFTA_CMP_OP);
    says_ += ComparisonWords(loaded_, operation, value, mask_);
    const int order = std::memcmp(bytes.data(), value.data(), value.size());
    return operation == NFT_CMP_EQ    ? order == 0
           : operation == NFT_CMP_NEQ ? order != 0
           : operation == NFT_CMP_GTE ? order >= 0
           : operation == NFT_CMP_LTE ? order <= 0
           : operation == NFT_CMP_GT  ? order > 0
                                      : order < 0;
  }
  if (name == "bitwise") {
    mask_ = std::string(AttributeView(data.Find(NFTA_BITWISE_MASK)).Find(NFTA_DATA_VALUE));
    std::string bytes = Bytes(Number(data, NFTA_BITWISE_SREG), mask_.size());
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(bytes[i] & mask_[i]);
    Store(Number(data, NFTA_BITWISE_DREG), bytes);
    return true;
  }
  if (name == "range") {
    const std::string first(AttributeView(data.Find(NFTA_RANGE_FROM_DATA)).Find(NFTA_DATA_VALUE));
    const std::string last(AttributeView(data.Find(NFTA_RANGE_TO_DATA)).Find(NFTA_DATA_VALUE));
    const std::string bytes = Bytes(Number(data, NFTA_RANGE_SREG), first.size());
    says_ += ComparisonWords(loaded_, NFT_CMP_GTE, first, {}) +
             ComparisonWords(loaded_, NFT_CMP_LTE, last, {});
    const bool inside = bytes >= first && bytes <= last;
    return (Number(data, NFTA_RANGE_OP) == NFT_RANGE_EQ) == inside;
  }
  if (name == "reject") {
    verdict_ = Verdict{.code = NF_DROP, .refused = true};
    return true;
  }
  if (name == "immediate") {
    const AttributeView value(data.Find(NFTA_IMMEDIATE_DATA));
    const AttributeView verdict(value.Find(NFTA_DATA_VERDICT));
    if (verdict.all().empty()) {
      Store(Number(data, NFTA_IMMEDIATE_DREG), std::string(value.Find(NFTA_DATA_VALUE)));
    } else {
      verdict_ = Verdict{.code = static_cast<int32_t>(Number(verdict, NFTA_VERDICT_CODE)),
                         .chain = verdict.Text(NFTA_VERDICT_CHAIN)};
    }
    return true;
  }
  return MakeError("it has an expression that Berth does not write: {}", name);
}

Result<std::optional<NftRun::Verdict>> NftRun::RunRule(const NftProgram::Rule& rule) {
  verdict_.reset();
  says_.clear();
  for (const NftProgram::Expression& expression : rule) {
    if (!TRY(Run(expression))) return std::optional<Verdict>();
    if (verdict_) return verdict_;
  }
  return std::optional<Verdict>();
}

Result<std::optional<NftRun::Verdict>> NftRun::RunChain(const std::string& chain, int depth) {
  if (depth > kDeepest) return MakeError("chains lead to each other without end");
  const auto found = program_.chains_.find(chain);
  if (found == program_.chains_.end()) return std::optional<Verdict>();
  int number = 0;
  for (const NftProgram::Rule& rule : found->second) {
    const auto verdict = TRY(RunRule(rule).Context("rule {} of {}", number, chain));
    const NftStep step = {.chain = chain, .rule = number++, .says = std::string(Trim(says_))};
    if (!verdict) continue;
    const size_t steps = decision_.steps.size();
    decision_.steps.push_back(step);
    if (verdict->code == NF_ACCEPT || verdict->code == NF_DROP) return verdict;
    if (verdict->code == NFT_RETURN) return std::optional<Verdict>();
    const auto came_to = TRY(RunChain(verdict->chain, depth + 1));
    if (came_to || verdict->code == NFT_GOTO) return came_to;
    decision_.steps.resize(steps);  // it led nowhere
  }
  return std::optional<Verdict>();
}

Result<NftDecision> NftRun::Decide(const std::string& base_chain) {
  const auto verdict = TRY(RunChain(base_chain, 0));
  using End = NftDecision::End;
  // The policy of our base chains is to accept.
  decision_.end = !verdict || verdict->code == NF_ACCEPT ? End::kAccepted
                  : verdict->refused                     ? End::kRefused
                                                         : End::kDropped;
  return decision_;
}

}  // namespace berth::net
