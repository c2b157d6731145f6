#include "agent/images/archive.h"

#include <fcntl.h>

#include "agent/images/layer_tree.h"
#include "agent/images/sources.h"
#include "agent/images/tar_reader.h"
#include "base/json.h"
#include "base/sys.h"

namespace berth::agent::images {

Result<std::unique_ptr<FileSet>> DirectoryFiles::Open(const std::string& path) {
  UniqueFd dir = TRY(sys::Open(path, O_PATH | O_DIRECTORY));
  return std::unique_ptr<FileSet>(new DirectoryFiles(std::move(dir)));
}

Result<std::unique_ptr<ByteSource>> DirectoryFiles::Open(const std::string& name) const {
  UniqueFd fd = TRY(sys::OpenAt2(dir_.get(), name, O_RDONLY | O_NONBLOCK,
                                 RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS));
  return std::make_unique<FileSource>(std::move(fd));
}

bool DirectoryFiles::Has(const std::string& name) const {
  return sys::OpenAt2(dir_.get(), name, O_PATH, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
      .has_value();
}

Result<std::unique_ptr<FileSet>> ArchiveFiles::Open(UniqueFd archive) {
  auto files = std::unique_ptr<ArchiveFiles>(new ArchiveFiles);
  files->archive_ = std::make_shared<UniqueFd>(std::move(archive));
  FileSource source(files->archive_, 0, INT64_MAX);
  TarReader tar(source, INT64_MAX);
  while (const auto entry = TRY(tar.Next())) {
    if (entry->type != TarEntry::Type::kFile) continue;
    const LayerPath path = TRY(LayerPath::Parse(entry->path).Context("{}", QuoteJson(entry->path)));
    files->places_[path.Full()] = {.offset = tar.offset(), .size = entry->size};
  }
  return std::unique_ptr<FileSet>(std::move(files));
}

Result<std::unique_ptr<ByteSource>> ArchiveFiles::Open(const std::string& name) const {
  const auto place = places_.find(name);
  if (place == places_.end()) {
    return Error(fmt::format("{} is not in the archive", QuoteJson(name)), ENOENT);
  }
  return std::make_unique<FileSource>(archive_, place->second.offset, place->second.size);
}

}  // namespace berth::agent::images
