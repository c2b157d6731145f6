// ByteSource: bytes that come one after the other, from wherever.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace berth::agent::images {

/// Something to read from to its end. Layers stream through a chain of these, each pulling from the
/// one before: network, sha256, inflate, sha256, tar.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `buffer.size()` bytes; 0 only at the end.
  virtual Result<size_t> Read(std::span<char> buffer) = 0;
};

}  // namespace berth::agent::images
