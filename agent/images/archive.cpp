#include "agent/images/archive.h"

#include <fcntl.h>

#include <map>

#include "agent/images/layer_tree.h"
#include "agent/images/sources.h"
#include "agent/images/tar_reader.h"
#include "base/json.h"
#include "base/sys.h"

namespace berth::agent::images {

namespace {

class DirectoryFiles : public FileSet {
 public:
  explicit DirectoryFiles(UniqueFd dir) : dir_(std::move(dir)) {}

  Result<std::unique_ptr<ByteSource>> Open(const std::string& name) const override {
    // O_NONBLOCK: a fifo in its place must not make us wait for a writer.
    UniqueFd fd = TRY(sys::OpenAt2(dir_.get(), name, O_RDONLY | O_NONBLOCK, kResolve));
    return std::make_unique<FileSource>(std::move(fd));
  }

  bool Has(const std::string& name) const override {
    return sys::OpenAt2(dir_.get(), name, O_PATH, kResolve).has_value();
  }

 private:
  static constexpr uint64_t kResolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

  UniqueFd dir_;
};

class ArchiveFiles : public FileSet {
 public:
  explicit ArchiveFiles(UniqueFd archive)
      : archive_(std::make_shared<UniqueFd>(std::move(archive))) {}

  // Notes where in the archive each file lies.
  Result<void> Read() {
    FileSource source(archive_, 0, INT64_MAX);
    TarReader tar(source, INT64_MAX);
    while (const auto entry = TRY(tar.Next())) {
      if (entry->type != TarEntry::Type::kFile) continue;
      const auto path = TRY(LayerPath::Parse(entry->path).Context("{}", QuoteJson(entry->path)));
      places_[path.Full()] = {.offset = tar.offset(), .size = entry->size};
    }
    return {};
  }

  Result<std::unique_ptr<ByteSource>> Open(const std::string& name) const override {
    const auto place = places_.find(name);
    if (place == places_.end()) {
      return Error(fmt::format("{} is not in the archive", QuoteJson(name)), ENOENT);
    }
    return std::make_unique<FileSource>(archive_, place->second.offset, place->second.size);
  }

  bool Has(const std::string& name) const override { return places_.count(name) > 0; }

 private:
  struct Place {
    uint64_t offset;
    uint64_t size;
  };

  std::shared_ptr<UniqueFd> archive_;
  std::map<std::string, Place> places_;
};

}  // namespace

Result<std::unique_ptr<FileSet>> OpenDirectoryFiles(const std::string& path) {
  return std::make_unique<DirectoryFiles>(TRY(sys::Open(path, O_PATH | O_DIRECTORY)));
}

Result<std::unique_ptr<FileSet>> OpenArchiveFiles(UniqueFd archive) {
  auto files = std::make_unique<ArchiveFiles>(std::move(archive));
  TRY(files->Read());
  return files;
}

}  // namespace berth::agent::images
