// The links of a layer's chain that look at bytes without changing them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/images/byte_source.h"
#include "agent/images/digest.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// Passes bytes on and keeps their digest and count. The source below is borrowed.
class HashingSource : public ByteSource {
 public:
  explicit HashingSource(ByteSource& below) : below_(below) {}

  Result<size_t> Read(std::span<char> buffer) override;
  uint64_t bytes() const { return bytes_; }
  /// Of all that was read so far; nothing may be read after it.
  Digest Finish() { return sha_.Finish(); }

 private:
  ByteSource& below_;
  Sha256 sha_;
  uint64_t bytes_ = 0;
};

/// Part of a file, read with pread(2), so that several may share one descriptor.
class FileSource : public ByteSource {
 public:
  /// All of it, from the start.
  explicit FileSource(UniqueFd fd);
  /// `size` bytes from `offset` on; `fd` is kept open by whoever shares it.
  FileSource(std::shared_ptr<UniqueFd> fd, uint64_t offset, uint64_t size);

  Result<size_t> Read(std::span<char> buffer) override;

 private:
  std::shared_ptr<UniqueFd> fd_;
  uint64_t offset_ = 0;
  uint64_t end_ = UINT64_MAX;
};

/// Bytes at hand.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string content) : content_(std::move(content)) {}

  Result<size_t> Read(std::span<char> buffer) override;

 private:
  std::string content_;
  size_t offset_ = 0;
};

/// All of a source; refuses one of more than `limit` bytes.
Result<std::string> ReadAll(ByteSource& source, size_t limit);
/// Reads to the end and forgets.
Result<void> Drain(ByteSource& source);

}  // namespace berth::agent::images
