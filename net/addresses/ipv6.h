// IPv6 addresses and their blocks, and addresses of either family.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"
#include "net/addresses/address.h"

namespace berth::net {

enum class IpFamily { kIpv4, kIpv6 };

/// An IPv6 address. Orders as its 128-bit number does.
class Ipv6 {
 public:
  using Bytes16 = std::array<uint8_t, 16>;

  constexpr Ipv6() = default;  // ::
  constexpr explicit Ipv6(const Bytes16& bytes) : bytes_(bytes) {}

  /// The text forms of RFC 4291, 2.2, without a zone.
  static Result<Ipv6> Parse(std::string_view text);
  /// As RFC 5952 writes it.
  std::string Format() const;

  /// As it stands on the wire.
  constexpr const Bytes16& Bytes() const { return bytes_; }
  constexpr Ipv6 operator+(uint64_t offset) const {
    Bytes16 sum = bytes_;
    uint64_t carry = 0;
    for (int i = 15; i >= 0; --i) {
      carry += sum[i] + (offset & 0xff);
      sum[i] = static_cast<uint8_t>(carry);
      carry >>= 8;
      offset >>= 8;
    }
    return Ipv6(sum);
  }
  constexpr auto operator<=>(const Ipv6&) const = default;

 private:
  Bytes16 bytes_{};
};

/// A block of IPv6 addresses in CIDR notation. The bits after the prefix are zero.
class Ipv6Cidr {
 public:
  constexpr Ipv6Cidr() = default;  // ::/0: every address

  /// ADDRESS/PREFIX; refuses an address with bits set after the prefix, and says which was meant.
  static Result<Ipv6Cidr> Parse(std::string_view text);
  /// The same, but clears such bits, as EC2 does with the ranges of security groups.
  static Result<Ipv6Cidr> ParseLeniently(std::string_view text);
  /// The block of that prefix (0 to 128) that the address lies in.
  static constexpr Ipv6Cidr Around(const Ipv6& address, int prefix) {
    Ipv6::Bytes16 bytes = address.Bytes();
    for (int i = 0; i < 16; ++i) bytes[i] &= MaskByte(prefix, i);
    return {Ipv6(bytes), prefix};
  }
  /// fe80::/10, of which nothing leaves the link (RFC 4291, 2.5.6).
  static constexpr Ipv6Cidr LinkLocal() { return Around(Ipv6({0xfe, 0x80}), 10); }
  std::string Format() const;

  constexpr int prefix() const { return prefix_; }
  constexpr Ipv6::Bytes16 Mask() const {
    Ipv6::Bytes16 mask{};
    for (int i = 0; i < 16; ++i) mask[i] = MaskByte(prefix_, i);
    return mask;
  }
  /// The first address, which names the network.
  constexpr const Ipv6& Network() const { return network_; }
  constexpr bool Contains(const Ipv6& address) const {
    return Around(address, prefix_).network_ == network_;
  }
  constexpr auto operator<=>(const Ipv6Cidr&) const = default;

 private:
  constexpr Ipv6Cidr(Ipv6 network, int prefix) : network_(network), prefix_(prefix) {}
  static constexpr uint8_t MaskByte(int prefix, int index) {
    const int bits = prefix - 8 * index;
    if (bits >= 8) return 0xff;
    return bits <= 0 ? 0 : static_cast<uint8_t>(0xff << (8 - bits));
  }

  Ipv6 network_;
  int prefix_ = 0;
};

/// An address of either family. IPv4 orders before IPv6.
class IpAddress {
 public:
  constexpr IpAddress() = default;  // 0.0.0.0
  constexpr IpAddress(Ipv4 address) : address_(address) {}
  constexpr IpAddress(const Ipv6& address) : address_(address) {}

  static Result<IpAddress> Parse(std::string_view text);
  std::string Format() const;

  constexpr IpFamily family() const { return IsIpv4() ? IpFamily::kIpv4 : IpFamily::kIpv6; }
  constexpr bool IsIpv4() const { return std::holds_alternative<Ipv4>(address_); }
  constexpr Ipv4 ipv4() const { return std::get<Ipv4>(address_); }
  constexpr const Ipv6& ipv6() const { return std::get<Ipv6>(address_); }
  /// As it stands on the wire: 4 or 16 bytes.
  std::string Bytes() const;
  constexpr auto operator<=>(const IpAddress&) const = default;

 private:
  std::variant<Ipv4, Ipv6> address_;
};

/// A block of addresses of either family.
class IpBlock {
 public:
  constexpr IpBlock(const Ipv4Cidr& block) : block_(block) {}
  constexpr IpBlock(const Ipv6Cidr& block) : block_(block) {}

  static Result<IpBlock> Parse(std::string_view text);
  std::string Format() const;

  constexpr IpFamily family() const {
    return std::holds_alternative<Ipv4Cidr>(block_) ? IpFamily::kIpv4 : IpFamily::kIpv6;
  }
  constexpr int prefix() const {
    return std::visit([](const auto& block) { return block.prefix(); }, block_);
  }
  constexpr IpAddress Network() const {
    return std::visit([](const auto& block) { return IpAddress(block.Network()); }, block_);
  }
  constexpr auto operator<=>(const IpBlock&) const = default;

 private:
  std::variant<Ipv4Cidr, Ipv6Cidr> block_;
};

}  // namespace berth::net
