#include "base/wire.h"

#include <cstring>

namespace berth {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);

void WireWriter::Number(int64_t value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  bytes_.append(bytes, sizeof bytes);
}

void WireWriter::Text(std::string_view value) {
  Number(static_cast<int64_t>(value.size()));
  bytes_.append(value);
}

void WireWriter::Texts(const std::vector<std::string>& values) {
  Number(static_cast<int64_t>(values.size()));
  for (const std::string& value : values) Text(value);
}

std::string_view WireReader::Take(size_t size) {
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

int64_t WireReader::Number() {
  int64_t value = 0;
  const std::string_view bytes = Take(sizeof value);
  if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

size_t WireReader::Count() {
  const int64_t count = Number();
  if (count < 0 || static_cast<uint64_t>(count) > rest_.size()) {
    ok_ = false;
    return 0;
  }
  return static_cast<size_t>(count);
}

std::string WireReader::Text() { return std::string(Take(Count())); }

std::vector<std::string> WireReader::Texts() {
  std::vector<std::string> values(Count());
  for (std::string& value : values) value = Text();
  return values;
}

Result<void> WireReader::Finish() const {
  if (!ok_) return MakeError("message is cut short");
  if (!rest_.empty()) return MakeError("message has {} bytes too many", rest_.size());
  return {};
}

}  // namespace berth
