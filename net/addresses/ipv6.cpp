#include "net/addresses/ipv6.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace berth::net {
namespace {

// With bits after the prefix cleared, and the address as it was written.
struct WrittenBlock6 {
  Ipv6Cidr block;
  Ipv6 address;
};

Result<WrittenBlock6> ReadBlock6(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return MakeError("\"{}\" is not an IPv6 CIDR block such as fd00:0:0:1::/64", text);
  }
  const Ipv6 address = TRY(Ipv6::Parse(text.substr(0, slash)).Context("CIDR block \"{}\"", text));
  const auto prefix = ParseDecimal(text.substr(slash + 1), 128);
  if (!prefix) return MakeError("CIDR block \"{}\": the prefix must be 0 to 128", text);
  return WrittenBlock6{.block = Ipv6Cidr::Around(address, static_cast<int>(*prefix)),
                       .address = address};
}

}  // namespace

Result<Ipv6> Ipv6::Parse(std::string_view text) {
  Bytes16 bytes;
  // A text with a NUL inside is not what inet_pton would see of it.
  const bool whole = text.find('\0') == std::string_view::npos;
  if (!whole || ::inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) {
    return MakeError("\"{}\" is not an IPv6 address such as fd00::4", text);
  }
  return Ipv6(bytes);
}

std::string Ipv6::Format() const {
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

Result<Ipv6Cidr> Ipv6Cidr::Parse(std::string_view text) {
  const WrittenBlock6 written = TRY(ReadBlock6(text));
  if (written.block.Network() != written.address) {
    return MakeError("CIDR block \"{}\" has bits set after its prefix: {} was meant", text,
                     written.block.Format());
  }
  return written.block;
}

Result<Ipv6Cidr> Ipv6Cidr::ParseLeniently(std::string_view text) {
  return TRY(ReadBlock6(text)).block;
}

std::string Ipv6Cidr::Format() const { return fmt::format("{}/{}", network_.Format(), prefix_); }

Result<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return IpAddress(TRY(Ipv6::Parse(text)));
  return IpAddress(TRY(Ipv4::Parse(text)));
}

std::string IpAddress::Format() const {
  return std::visit([](const auto& address) { return address.Format(); }, address_);
}

std::string IpAddress::Bytes() const {
  return std::visit(
      [](const auto& address) {
        const auto bytes = address.Bytes();
        return std::string(bytes.begin(), bytes.end());
      },
      address_);
}

Result<IpBlock> IpBlock::Parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return IpBlock(TRY(Ipv6Cidr::Parse(text)));
  return IpBlock(TRY(Ipv4Cidr::Parse(text)));
}

std::string IpBlock::Format() const {
  return std::visit([](const auto& block) { return block.Format(); }, block_);
}

}  // namespace berth::net
