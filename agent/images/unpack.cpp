#include "agent/images/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/images/layer_tree.h"
#include "agent/images/tar_reader.h"
#include "base/json.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

using Type = TarEntry::Type;

// image-spec, layer.md, "Whiteouts".
constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";
// AUFS's own bookkeeping, which old Docker versions left in layers.
constexpr std::string_view kAufs = ".wh..wh.";

// Files this large start on their way to the disk at once, so that the sync at the end is short.
constexpr uint64_t kEarlyWriteback = 1 << 20;

class Unpacker {
 public:
  Unpacker(ByteSource& tar, int root, const UnpackOptions& options)
      : tar_(tar, options.limits.bytes), tree_(root), options_(options) {}

  Result<UnpackedLayer> Run() {
    while (auto entry = TRY(tar_.Next())) {
      if (++layer_.entries > options_.limits.entries) {
        return MakeError("holds more than {} entries", options_.limits.entries);
      }
      TRY(Add(*entry).Context("{}", QuoteJson(entry->path)));
    }
    TRY(tar_.Finish());
    TRY(tree_.FinishDirectories());
    return layer_;
  }

 private:
  Result<void> Add(const TarEntry& entry);
  Result<void> AddWhiteout(const LayerPath& path);
  Result<void> AddFile(const LayerPath& path, const TarEntry& entry);
  Result<void> AddDevice(const LayerPath& path, const TarEntry& entry);

  TarReader tar_;
  LayerTree tree_;
  const UnpackOptions& options_;
  UnpackedLayer layer_;
};

// Of extended attributes those that mean something in a container and can't harm the host: not
// trusted.overlay.*, with which a layer could show files of others, nor security.selinux.
bool KeepsXattr(std::string_view name) {
  return name == "security.capability" ||
         (name.starts_with("user.") && !name.starts_with("user.overlay."));
}

Attributes AttributesOf(const TarEntry& entry) {
  Attributes attributes = {
      .mode = entry.mode, .uid = entry.uid, .gid = entry.gid, .mtime = entry.mtime};
  for (const auto& [name, value] : entry.xattrs) {
    if (KeepsXattr(name)) attributes.xattrs[name] = value;
  }
  return attributes;
}

// True if a directory on the way has a name that only whiteouts may have.
bool InWhiteout(const LayerPath& path) {
  return path.directory().starts_with(kWhiteout) ||
         path.directory().find("/" + std::string(kWhiteout)) != std::string::npos;
}

Result<void> Unpacker::Add(const TarEntry& entry) {
  const LayerPath path = TRY(LayerPath::Parse(entry.path));
  if (path.Full().starts_with(kAufs) && path.Full() != kOpaque) return {};
  if (InWhiteout(path)) return MakeError("a whiteout can't be a directory");
  if (path.base().starts_with(kWhiteout)) return AddWhiteout(path);
  if (path.IsRoot() && entry.type != Type::kDirectory) {
    return MakeError("the root of a layer must be a directory");
  }
  switch (entry.type) {
    case Type::kDirectory:
      return tree_.MakeDirectory(path, AttributesOf(entry));
    case Type::kFile:
      return AddFile(path, entry);
    case Type::kSymlink:
      return tree_.MakeSymlink(path, entry.link, AttributesOf(entry));
    case Type::kHardLink: {
      const LayerPath target = TRY(LayerPath::Parse(entry.link).Context("hard link"));
      if (target.IsRoot()) return MakeError("a hard link to the layer's root");
      return tree_.MakeHardLink(path, target);
    }
    case Type::kFifo:
      return tree_.MakeNode(path, S_IFIFO, 0, AttributesOf(entry));
    case Type::kCharDevice:
    case Type::kBlockDevice:
      return AddDevice(path, entry);
  }
  return {};
}

Result<void> Unpacker::AddWhiteout(const LayerPath& path) {
  if (path.base() == kOpaque) {
    return tree_.MakeOpaque(TRY(LayerPath::Parse(path.directory())));
  }
  if (path.base().starts_with(kAufs)) return {};
  const std::string hidden = path.base().substr(kWhiteout.size());
  if (hidden.empty() || hidden == "." || hidden == "..") {
    return MakeError("a whiteout of no name");
  }
  return tree_.MakeWhiteout(TRY(LayerPath::Parse(path.directory() + "/" + hidden)));
}

Result<void> Unpacker::AddFile(const LayerPath& path, const TarEntry& entry) {
  const UniqueFd file = TRY(tree_.MakeFile(path));
  for (;;) {
    const auto piece = TRY(tar_.Content());
    if (piece.empty()) break;
    TRY(sys::WriteAll(file.get(), {piece.data(), piece.size()}));
  }
  layer_.bytes += entry.size;
  TRY(tree_.FinishFile(file.get(), AttributesOf(entry)));
  if (entry.size >= kEarlyWriteback) {
    ::sync_file_range(file.get(), 0, 0, SYNC_FILE_RANGE_WRITE);  // a hint: its failure costs time
  }
  return {};
}

Result<void> Unpacker::AddDevice(const LayerPath& path, const TarEntry& entry) {
  if (options_.devices == Devices::kRefuse) {
    if (path.directory() == "dev" || path.directory().starts_with("dev/")) return {};
    return MakeError("device nodes are not allowed");
  }
  const mode_t type = entry.type == Type::kCharDevice ? S_IFCHR : S_IFBLK;
  // Would not be a device but a whiteout, which has a name of its own in layers.
  if (type == S_IFCHR && entry.major == 0 && entry.minor == 0) {
    return MakeError("character device 0:0 is not allowed");
  }
  return tree_.MakeNode(path, type, makedev(entry.major, entry.minor), AttributesOf(entry));
}

}  // namespace

Result<UnpackedLayer> UnpackLayer(ByteSource& tar, int root, const UnpackOptions& options) {
  return Unpacker(tar, root, options).Run();
}

}  // namespace berth::agent::images
