// The files of an image on disk: those of a directory or of a tar archive.
#pragma once

#include <memory>
#include <string>

#include "agent/images/byte_source.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// Files by name, as "index.json" or "blobs/sha256/...". Names come from documents that others
/// wrote and never lead out. May be used by several threads.
class FileSet {
 public:
  virtual ~FileSet() = default;
  /// An error with ENOENT if there is no such file.
  virtual Result<std::unique_ptr<ByteSource>> Open(const std::string& name) const = 0;
  virtual bool Has(const std::string& name) const = 0;
};

/// The files below a directory.
Result<std::unique_ptr<FileSet>> OpenDirectoryFiles(const std::string& path);
/// The regular files of an uncompressed tar file, read where they lie in it.
Result<std::unique_ptr<FileSet>> OpenArchiveFiles(UniqueFd archive);

}  // namespace berth::agent::images
