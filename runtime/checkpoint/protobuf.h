// The wire format of protocol buffers (protobuf.dev/programming-guides/encoding), as much of it as
// CRIU's messages are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::runtime {

class ProtobufWriter {
 public:
  /// bool, uint32 and enumerations; int32 too, negative ones as the format has them: sign-extended
  /// to 64 bits.
  void Number(uint32_t field, int64_t value);
  /// string, bytes, and the bytes of a message inside this one.
  void Bytes(uint32_t field, std::string_view value);
  const std::string& bytes() const { return bytes_; }

 private:
  void Varint(uint64_t value);

  std::string bytes_;
};

/// What stands under one field's number: a number or bytes. The other one is 0, or empty.
struct ProtobufField {
  uint32_t field = 0;
  uint64_t number = 0;
  std::string_view bytes;  // in the message that is read
  bool has_bytes = false;
};

/// Goes through a message's fields in the order they come. Groups, which no new message has, are
/// refused.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  /// Nothing at the end; fails on what is no message or breaks off.
  Result<std::optional<ProtobufField>> Next();

 private:
  Result<uint64_t> Varint();
  Result<std::string_view> Take(uint64_t size);
  Result<uint64_t> Fixed(size_t size);

  std::string_view rest_;
};

}  // namespace berth::runtime
