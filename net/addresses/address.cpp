#include "net/addresses/address.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace berth::net {
namespace {

// With bits after the prefix cleared, and the address as it was written.
struct WrittenBlock {
  Ipv4Cidr block;
  Ipv4 address;
};

Result<WrittenBlock> ReadBlock(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return MakeError("\"{}\" is not a CIDR block such as 10.0.0.0/24", text);
  }
  const Ipv4 address = TRY(Ipv4::Parse(text.substr(0, slash)).Context("CIDR block \"{}\"", text));
  const auto prefix = ParseDecimal(text.substr(slash + 1), 32);
  if (!prefix) return MakeError("CIDR block \"{}\": the prefix must be 0 to 32", text);
  return WrittenBlock{.block = Ipv4Cidr::Around(address, static_cast<int>(*prefix)),
                      .address = address};
}

}  // namespace

Result<Ipv4> Ipv4::Parse(std::string_view text) {
  const std::vector<std::string> parts = Split(text, '.');
  uint32_t number = 0;
  bool ok = parts.size() == 4;
  for (size_t i = 0; ok && i < parts.size(); ++i) {
    const auto part = ParseDecimal(parts[i], 255);
    ok = part.has_value();
    number = number << 8 | part.value_or(0);
  }
  if (!ok) return MakeError("\"{}\" is not an IPv4 address such as 10.0.0.4", text);
  return Ipv4(number);
}

std::array<uint8_t, 4> Ipv4::Bytes() const {
  return {static_cast<uint8_t>(number_ >> 24), static_cast<uint8_t>(number_ >> 16),
          static_cast<uint8_t>(number_ >> 8), static_cast<uint8_t>(number_)};
}

std::string Ipv4::Format() const {
  const auto bytes = Bytes();
  return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
}

Result<Ipv4Cidr> Ipv4Cidr::Parse(std::string_view text) {
  const WrittenBlock written = TRY(ReadBlock(text));
  if (written.block.Network() != written.address) {
    return MakeError("CIDR block \"{}\" has bits set after its prefix: {} was meant", text,
                     written.block.Format());
  }
  return written.block;
}

Result<Ipv4Cidr> Ipv4Cidr::ParseLeniently(std::string_view text) {
  return TRY(ReadBlock(text)).block;
}

std::string Ipv4Cidr::Format() const { return fmt::format("{}/{}", network_.Format(), prefix_); }

Result<MacAddress> MacAddress::Parse(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ':');
  MacAddress mac;
  bool ok = parts.size() == mac.bytes_.size();
  for (size_t i = 0; ok && i < parts.size(); ++i) {
    const auto byte = ParseInteger<uint8_t>(parts[i], 16);
    ok = parts[i].size() == 2 && byte.has_value();
    mac.bytes_[i] = byte.value_or(0);
  }
  if (!ok) return MakeError("\"{}\" is not a MAC address such as 02:00:5e:10:00:01", text);
  return mac;
}

MacAddress MacAddress::Derive(std::string_view text) {
  const uint64_t hash = HashName(text);
  MacAddress mac;
  mac.bytes_[0] = 0x02;  // locally administered, not a group
  for (size_t i = 1; i < mac.bytes_.size(); ++i) {
    mac.bytes_[i] = static_cast<uint8_t>(hash >> (8 * i));
  }
  return mac;
}

MacAddress MacAddress::FromBytes(std::string_view bytes) {
  MacAddress mac;
  std::copy_n(bytes.begin(), std::min(bytes.size(), mac.bytes_.size()), mac.bytes_.begin());
  return mac;
}

std::string MacAddress::Format() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", bytes_[0], bytes_[1], bytes_[2],
                     bytes_[3], bytes_[4], bytes_[5]);
}

std::optional<uint32_t> ParseDecimal(std::string_view text, uint32_t most) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  const auto value = ParseInteger<uint32_t>(text);
  if (!value || *value > most) return std::nullopt;
  return value;
}

uint64_t HashName(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : text) {
    hash ^= static_cast<uint8_t>(letter);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace berth::net
