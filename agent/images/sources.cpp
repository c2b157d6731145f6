#include "agent/images/sources.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace berth::agent::images {
namespace {

constexpr size_t kChunk = 256 << 10;

}  // namespace

Result<size_t> HashingSource::Read(std::span<char> buffer) {
  const size_t size = TRY(below_.Read(buffer));
  sha_.Update(buffer.first(size));
  bytes_ += size;
  return size;
}

FileSource::FileSource(UniqueFd fd) : fd_(std::make_shared<UniqueFd>(std::move(fd))) {}

FileSource::FileSource(std::shared_ptr<UniqueFd> fd, uint64_t offset, uint64_t size)
    : fd_(std::move(fd)), offset_(offset), end_(offset + size) {}

Result<size_t> FileSource::Read(std::span<char> buffer) {
  const size_t want = std::min<uint64_t>(buffer.size(), end_ - offset_);
  if (want == 0) return 0;
  const ssize_t size = ::pread(fd_->get(), buffer.data(), want, static_cast<off_t>(offset_));
  if (size < 0) return ErrnoError("read");
  offset_ += static_cast<uint64_t>(size);
  return static_cast<size_t>(size);
}

Result<size_t> MemorySource::Read(std::span<char> buffer) {
  const size_t size = content_.copy(buffer.data(), buffer.size(), offset_);
  offset_ += size;
  return size;
}

Result<std::string> ReadAll(ByteSource& source, size_t limit) {
  std::string content;
  std::vector<char> chunk(kChunk);
  for (;;) {
    const size_t size = TRY(source.Read(chunk));
    if (size == 0) return content;
    content.append(chunk.data(), size);
    if (content.size() > limit) return MakeError("larger than {} bytes", limit);
  }
}

Result<void> Drain(ByteSource& source) {
  std::vector<char> chunk(kChunk);
  while (TRY(source.Read(chunk)) > 0) {
  }
  return {};
}

}  // namespace berth::agent::images
