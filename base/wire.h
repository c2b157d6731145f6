// A compact binary form for what our own programs hand each other: fields one after another,
// numbers as 8 bytes little-endian, text and lists with their length before them. No names and no
// versions: both ends are of one build, which the first field of a message checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth {

class WireWriter {
 public:
  void Number(int64_t value);
  void Text(std::string_view value);
  void Texts(const std::vector<std::string>& values);
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what WireWriter wrote. After the first field that isn't there every read gives nothing
/// (0, ""), and `Finish` tells it.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  int64_t Number();
  std::string Text();
  std::vector<std::string> Texts();
  /// A count of things that each take at least one byte: never more than there are bytes left.
  size_t Count();
  bool ok() const { return ok_; }
  /// Fails if a field was missing or bytes are left over.
  Result<void> Finish() const;

 private:
  std::string_view Take(size_t size);

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace berth
