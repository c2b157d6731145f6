// TarReader: the entries of a tar stream.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/images/byte_source.h"
#include "base/result.h"

namespace berth::agent::images {

/// One entry, with what extended headers said of it. Names are as they stand in the archive:
/// nothing about them is checked but that they hold no NUL.
struct TarEntry {
  enum class Type { kFile, kHardLink, kSymlink, kCharDevice, kBlockDevice, kDirectory, kFifo };

  Type type = Type::kFile;
  std::string path;
  std::string link;  // what a link leads to
  mode_t mode = 0;   // the low twelve bits
  uid_t uid = 0;
  gid_t gid = 0;
  timespec mtime = {};
  uint64_t size = 0;  // of a file's content
  unsigned major = 0;
  unsigned minor = 0;
  std::map<std::string, std::string> xattrs;
};

/// Reads ustar, pax (POSIX.1-2008, pax) and GNU tar streams, what image layers are made of. Our own
/// reader rather than a library's: names are bytes here (never converted by a locale), content goes
/// from the buffer straight to the file, and every oddity is an error with a sentence. Sparse
/// files, of which layers have none, are refused.
class TarReader {
 public:
  /// `source` is borrowed; a stream of more than `limit` bytes is an error.
  TarReader(ByteSource& source, uint64_t limit);

  /// The next entry, past what is left of the one before; nothing at the end of the archive.
  Result<std::optional<TarEntry>> Next();
  /// The next piece of the entry's content; empty at its end. Valid until the next call.
  Result<std::span<const char>> Content();
  /// Reads what is behind the end of the archive; anything but zeros is an error.
  Result<void> Finish();
  /// Where the content of the entry starts in the stream, before any of it was read.
  uint64_t offset() const { return offset_; }

 private:
  struct Header;
  using Records = std::map<std::string, std::string>;

  Result<bool> Fill(size_t least);
  Result<std::optional<std::string_view>> Block();
  Result<std::string> LongText(const TarEntry& entry, std::string_view what);
  Result<void> SkipContent();

  ByteSource& source_;
  uint64_t limit_;
  std::vector<char> buffer_;
  size_t begin_ = 0;  // what is in the buffer and not consumed: [begin_, end_)
  size_t end_ = 0;
  uint64_t offset_ = 0;   // consumed so far
  uint64_t content_ = 0;  // left of the entry's content
  size_t padding_ = 0;    // after it
};

}  // namespace berth::agent::images
