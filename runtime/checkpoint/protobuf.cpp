#include "runtime/checkpoint/protobuf.h"

namespace berth::runtime {
namespace {

enum WireType : uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

constexpr unsigned kTypeBits = 3;
constexpr uint64_t kMostOfField = (1U << 29) - 1;

}  // namespace

void ProtobufWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(0x80 | (value & 0x7f));
  bytes_ += static_cast<char>(value);
}

void ProtobufWriter::Number(uint32_t field, int64_t value) {
  Varint(uint64_t{field} << kTypeBits | kVarint);
  Varint(static_cast<uint64_t>(value));
}

void ProtobufWriter::Bytes(uint32_t field, std::string_view value) {
  Varint(uint64_t{field} << kTypeBits | kLengthDelimited);
  Varint(value.size());
  bytes_ += value;
}

Result<uint64_t> ProtobufReader::Varint() {
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint8_t>(TRY(Take(1))[0]);
    const uint64_t bits = byte & 0x7f;
    if (shift == 63 && bits > 1) break;
    value |= bits << shift;
    if (byte < 0x80) return value;
  }
  return MakeError("a number has more than 64 bits");
}

Result<std::string_view> ProtobufReader::Take(uint64_t size) {
  if (size > rest_.size()) return MakeError("it breaks off");
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

Result<uint64_t> ProtobufReader::Fixed(size_t size) {
  const std::string_view bytes = TRY(Take(size));
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);  // little-endian
  }
  return value;
}

Result<std::optional<ProtobufField>> ProtobufReader::Next() {
  if (rest_.empty()) return std::optional<ProtobufField>();
  const uint64_t tag = TRY(Varint());
  const uint64_t field = tag >> kTypeBits;
  if (field == 0 || field > kMostOfField) return MakeError("{} is no field's number", field);
  ProtobufField found = {.field = static_cast<uint32_t>(field)};
  switch (tag & ((1U << kTypeBits) - 1)) {
    case kVarint:
      found.number = TRY(Varint());
      break;
    case kFixed64:
      found.number = TRY(Fixed(8));
      break;
    case kFixed32:
      found.number = TRY(Fixed(4));
      break;
    case kLengthDelimited:
      found.bytes = TRY(Take(TRY(Varint())));
      found.has_bytes = true;
      break;
    default:
      return MakeError("field {} is of an unknown wire type", field);
  }
  return std::optional(found);
}

}  // namespace berth::runtime
