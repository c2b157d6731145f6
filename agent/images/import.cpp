#include "agent/images/import.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <vector>

#include "agent/images/compression.h"
#include "agent/images/import_kinds.h"
#include "agent/images/sources.h"
#include "agent/images/tar_reader.h"
#include "agent/images/tree_source.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

// What the first entry of an archive tells: images have no other names at their top.
bool IsImageFile(std::string_view name) {
  if (name.starts_with("./")) name.remove_prefix(2);
  const std::string_view top = name.substr(0, name.find('/'));
  constexpr std::array<std::string_view, 5> kNames = {"oci-layout", "index.json", "manifest.json",
                                                      "repositories", "blobs"};
  if (std::find(kNames.begin(), kNames.end(), top) != kNames.end()) return true;
  const std::string_view digits = top.substr(0, top.find('.'));
  return digits.size() == 64 && Digest::Parse("sha256:" + std::string(digits)).has_value();
}

// The first name in a tar that says something.
Result<std::string> FirstName(ByteSource& source) {
  TarReader tar(source, INT64_MAX);
  for (;;) {
    const auto entry = TRY(tar.Next());
    if (!entry) return MakeError("the archive is empty");
    if (entry->path != "." && entry->path != "./" && entry->path != "/") return entry->path;
  }
}

// A compressed archive of images is uncompressed to a file first, since what is in it is read in
// another order than it lies in. The file has no name: it goes with the descriptor.
Result<UniqueFd> Uncompressed(ByteSource& plain, const std::string& dir, uint64_t limit) {
  UniqueFd file = TRY(sys::Open(dir, O_TMPFILE | O_RDWR, 0600));
  std::vector<char> chunk(1 << 20);
  uint64_t total = 0;
  for (;;) {
    const size_t size = TRY(plain.Read(chunk));
    if (size == 0) return file;
    total += size;
    if (total > limit) return MakeError("unpacks to more than {} bytes", limit);
    TRY(sys::WriteAll(file.get(), {chunk.data(), size}));
  }
}

Result<Image> ImportFiles(IncomingImage& incoming, const FileSet& files,
                          const ImportOptions& options) {
  // Docker writes both forms into one archive since version 25; the layout has the digests.
  if (files.Has("oci-layout") && files.Has("index.json")) {
    return ImportOciLayout(incoming, files, options);
  }
  if (files.Has("manifest.json")) return ImportDockerArchive(incoming, files, options);
  return MakeError("it has neither oci-layout and index.json nor manifest.json");
}

Result<Image> ImportDirectory(IncomingImage& incoming, const std::string& path,
                              const ImportOptions& options) {
  const auto files = TRY(OpenDirectoryFiles(path));
  if (files->Has("oci-layout")) return ImportFiles(incoming, *files, options);
  const auto open = [&path]() -> Result<std::unique_ptr<ByteSource>> {
    return TRY(TreeSource::Open(path));
  };
  return ImportRootfs(incoming, path, open, options);
}

Result<Image> ImportFile(IncomingImage& incoming, const Store& store, const std::string& path,
                         const ImportOptions& options) {
  UniqueFd file = TRY(sys::Open(path, O_RDONLY));
  FileSource start(std::make_shared<UniqueFd>(TRY(sys::Dup(file.get()))), 0, INT64_MAX);
  const auto plain = TRY(Decompress(start, std::nullopt));
  const std::string first =
      TRY(FirstName(*plain).Context("neither an image nor a root file system"));
  if (!IsImageFile(first)) {
    const auto open = [&path]() -> Result<std::unique_ptr<ByteSource>> {
      return std::make_unique<FileSource>(TRY(sys::Open(path, O_RDONLY)));
    };
    return ImportRootfs(incoming, path, open, options);
  }
  FileSource again(std::make_shared<UniqueFd>(TRY(sys::Dup(file.get()))), 0, 4);
  std::array<char, 4> magic = {};
  const size_t size = TRY(again.Read(magic));
  if (DetectCompression(std::span(magic).first(size)) != Compression::kNone) {
    FileSource compressed(std::make_shared<UniqueFd>(std::move(file)), 0, INT64_MAX);
    const auto source = TRY(Decompress(compressed, std::nullopt));
    file = TRY(Uncompressed(*source, store.dir(), options.unpack.limits.bytes));
  }
  const auto files = TRY(OpenArchiveFiles(std::move(file)));
  return ImportFiles(incoming, *files, options);
}

}  // namespace

void Edit(const ImportOptions& options, ImageConfig& config) {
  if (options.entrypoint) {
    config.entrypoint = *options.entrypoint;
    // The command of an image is made for its own entry point.
    if (!options.cmd) config.cmd.clear();
  }
  if (options.cmd) config.cmd = *options.cmd;
  if (options.user) config.user = *options.user;
  if (options.workingDir) config.workingDir = *options.workingDir;
  for (const std::string& variable : options.env) {
    const std::string name = variable.substr(0, variable.find('=')) + "=";
    const auto same =
        std::find_if(config.env.begin(), config.env.end(),
                     [&](const std::string& other) { return other.starts_with(name); });
    if (same != config.env.end()) {
      *same = variable;
    } else {
      config.env.push_back(variable);
    }
  }
}

LayerWork WorkOf(const ImportOptions& options) {
  return {.unpack = options.unpack, .progress = options.progress};
}

Result<std::string> ReadWhole(const FileSet& files, const std::string& name, size_t limit) {
  const auto source = TRY(files.Open(name));
  return ReadAll(*source, limit).Context("{}", name);
}

Result<Image> Import(Store& store, const std::string& path, const ImportOptions& options) {
  struct stat info;
  if (::stat(path.c_str(), &info) < 0) return ErrnoError("import {}", path);
  IncomingImage incoming = TRY(IncomingImage::Begin(store));
  auto image = S_ISDIR(info.st_mode) ? ImportDirectory(incoming, path, options)
                                     : ImportFile(incoming, store, path, options);
  return std::move(image).Context("import {}", path);
}

}  // namespace berth::agent::images
