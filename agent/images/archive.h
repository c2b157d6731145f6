// The files of an image on disk: those of a directory or of a tar archive.
#pragma once

#include <map>
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
class DirectoryFiles : public FileSet {
 public:
  static Result<std::unique_ptr<FileSet>> Open(const std::string& path);
  Result<std::unique_ptr<ByteSource>> Open(const std::string& name) const override;
  bool Has(const std::string& name) const override;

 private:
  explicit DirectoryFiles(UniqueFd dir) : dir_(std::move(dir)) {}
  UniqueFd dir_;
};

/// The regular files of an uncompressed tar file, read where they lie in it.
class ArchiveFiles : public FileSet {
 public:
  static Result<std::unique_ptr<FileSet>> Open(UniqueFd archive);
  Result<std::unique_ptr<ByteSource>> Open(const std::string& name) const override;
  bool Has(const std::string& name) const override { return places_.count(name) > 0; }

 private:
  struct Place {
    uint64_t offset;
    uint64_t size;
  };
  ArchiveFiles() = default;

  std::shared_ptr<UniqueFd> archive_;
  std::map<std::string, Place> places_;
};

}  // namespace berth::agent::images
