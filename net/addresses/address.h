// The addresses that everything else in net/ is written in: IPv4, its blocks, and MACs.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::net {

/// An IPv4 address. Orders and counts as its 32-bit number does.
class Ipv4 {
 public:
  constexpr Ipv4() = default;
  constexpr explicit Ipv4(uint32_t number) : number_(number) {}

  /// Four decimal numbers without leading zeros, nothing else (RFC 6943, 3.1.1: the strict form).
  static Result<Ipv4> Parse(std::string_view text);
  std::string Format() const;

  constexpr uint32_t number() const { return number_; }
  /// As it stands on the wire.
  std::array<uint8_t, 4> Bytes() const;
  constexpr Ipv4 operator+(uint32_t offset) const { return Ipv4(number_ + offset); }
  constexpr auto operator<=>(const Ipv4&) const = default;

 private:
  uint32_t number_ = 0;  // in host byte order
};

/// A block of addresses in CIDR notation (RFC 4632). The bits after the prefix are zero.
class Ipv4Cidr {
 public:
  constexpr Ipv4Cidr() = default;  // 0.0.0.0/0: every address

  /// ADDRESS/PREFIX; refuses an address with bits set after the prefix, and says which was meant.
  static Result<Ipv4Cidr> Parse(std::string_view text);
  /// The same, but clears such bits, as EC2 does with the ranges of security groups.
  static Result<Ipv4Cidr> ParseLeniently(std::string_view text);
  /// The block of that prefix (0 to 32) that the address lies in.
  static constexpr Ipv4Cidr Around(Ipv4 address, int prefix) {
    return {Ipv4(address.number() & Ipv4Cidr({}, prefix).Mask()), prefix};
  }
  /// 127.0.0.0/8.
  static constexpr Ipv4Cidr Loopback() { return {Ipv4(0x7f000000), 8}; }
  /// 169.254.0.0/16, of which nothing leaves the link (RFC 3927, 2.7). Clouds serve a machine's own
  /// credentials at 169.254.169.254, agents of ECS those of tasks at 169.254.170.2.
  static constexpr Ipv4Cidr LinkLocal() { return {Ipv4(0xa9fe0000), 16}; }
  std::string Format() const;

  constexpr int prefix() const { return prefix_; }
  constexpr uint32_t Mask() const { return prefix_ == 0 ? 0 : ~uint32_t{0} << (32 - prefix_); }
  /// The first address, which names the network.
  constexpr Ipv4 Network() const { return network_; }
  /// The last address, to which broadcasts go.
  constexpr Ipv4 Broadcast() const { return Ipv4(network_.number() | ~Mask()); }
  constexpr bool Contains(Ipv4 address) const {
    return (address.number() & Mask()) == network_.number();
  }
  constexpr auto operator<=>(const Ipv4Cidr&) const = default;

 private:
  constexpr Ipv4Cidr(Ipv4 network, int prefix) : network_(network), prefix_(prefix) {}

  Ipv4 network_;
  int prefix_ = 0;
};

/// An Ethernet address.
class MacAddress {
 public:
  constexpr MacAddress() = default;

  /// Six pairs of hexadecimal digits joined by colons.
  static Result<MacAddress> Parse(std::string_view text);
  /// A locally administered unicast address (02:..., IEEE 802-2014 8.4) that is always the same for
  /// the same text.
  static MacAddress Derive(std::string_view text);
  /// The six bytes, as they stand on the wire.
  static MacAddress FromBytes(std::string_view bytes);
  std::string Format() const;

  constexpr const std::array<uint8_t, 6>& Bytes() const { return bytes_; }
  constexpr auto operator<=>(const MacAddress&) const = default;

 private:
  std::array<uint8_t, 6> bytes_{};
};

/// A decimal number without sign or leading zeros; nothing if it is anything else or over `most`.
std::optional<uint32_t> ParseDecimal(std::string_view text, uint32_t most);

/// The 64-bit FNV-1a hash: short names out of long ids; not for secrets.
uint64_t HashName(std::string_view text);

}  // namespace berth::net
