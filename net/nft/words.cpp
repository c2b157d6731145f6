#include "net/nft/words.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include <bit>

#include "net/netlink.h"

namespace berth::net {
namespace {

std::string AddressWords(const std::string& bytes) {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
  return text;
}

std::string ProtocolWords(uint8_t protocol) {
  switch (protocol) {
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    default:
      return fmt::format("{}", protocol);
  }
}

std::string ValueWords(const std::string& loaded, const std::string& value,
                       const std::string& mask) {
  if (loaded == "protocol") return ProtocolWords(FromBytes<uint8_t>(value));
  if (loaded == "destination port") return fmt::format("{}", ntohs(FromBytes<uint16_t>(value)));
  if (loaded != "source" && loaded != "destination") return "";
  if (mask.empty()) return AddressWords(value);
  int prefix = 0;
  for (const char byte : mask) prefix += std::popcount(static_cast<uint8_t>(byte));
  return fmt::format("{}/{}", AddressWords(value), prefix);
}

}  // namespace

std::string MetaWords(uint32_t key) {
  return key == NFT_META_L4PROTO ? "protocol" : key == NFT_META_IIFNAME ? "interface" : "";
}

std::string PayloadWords(uint32_t base, uint32_t offset, uint32_t size) {
  if (base == NFT_PAYLOAD_NETWORK_HEADER) {
    const bool source = offset == (size == 4 ? 12U : 8U);
    return source ? "source" : "destination";
  }
  return base == NFT_PAYLOAD_TRANSPORT_HEADER && size == 2 ? "destination port" : "";
}

std::string ComparisonWords(const std::string& loaded, uint32_t operation, const std::string& value,
                            const std::string& mask) {
  const std::string words = ValueWords(loaded, value, mask);
  if (words.empty()) return "";
  constexpr const char* kOperators[] = {"", "not ", "< ", "<= ", "> ", ">= "};
  return fmt::format(" {} {}{}", loaded, operation <= NFT_CMP_GTE ? kOperators[operation] : "",
                     words);
}

}  // namespace berth::net
