// LayerTree: the directory a layer is unpacked into, and the only way to write to it.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// Owner, mode, times and attributes: what all kinds of entries have.
struct Attributes {
  mode_t mode = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  timespec mtime = {};
  std::map<std::string, std::string> xattrs;  // only what is to be set
};

/// A name taken apart and checked: no ".." in it, no "." or "//" left, no "/" at its start.
class LayerPath {
 public:
  static Result<LayerPath> Parse(std::string_view name);

  bool IsRoot() const { return base_.empty(); }
  /// "" if the entry is at the top.
  const std::string& directory() const { return directory_; }
  const std::string& base() const { return base_; }
  std::string Full() const { return directory_.empty() ? base_ : directory_ + "/" + base_; }

 private:
  std::string directory_;
  std::string base_;
};

/// Everything happens through descriptors below the root: a directory is opened with openat2(2) and
/// RESOLVE_BENEATH, so that links which the layer itself brings are followed only while they stay
/// in the layer, and the last part of a name is never followed. Directories that are missing are
/// made (mode 0755, root's); what an entry finds in its place is replaced, except a directory by
/// something else.
class LayerTree {
 public:
  /// `root` is borrowed.
  explicit LayerTree(int root) : root_(root) {}

  Result<void> MakeDirectory(const LayerPath& path, const Attributes& attributes);
  /// Empty and open for writing; `FinishFile` gives it its attributes.
  Result<UniqueFd> MakeFile(const LayerPath& path);
  Result<void> FinishFile(int file, const Attributes& attributes);
  Result<void> MakeSymlink(const LayerPath& path, const std::string& target, const Attributes&);
  Result<void> MakeHardLink(const LayerPath& path, const LayerPath& target);
  /// A fifo or a device; `type` is S_IFIFO, S_IFCHR or S_IFBLK.
  Result<void> MakeNode(const LayerPath& path, mode_t type, dev_t device, const Attributes&);
  /// Hides `path` of the layers below.
  Result<void> MakeWhiteout(const LayerPath& path);
  /// Hides what the layers below have in the directory.
  Result<void> MakeOpaque(const LayerPath& directory);
  /// Gives directories their times, which each entry made in them changed. Last of all.
  Result<void> FinishDirectories();

 private:
  Result<int> Parent(const LayerPath& path);
  Result<int> Directory(const std::string& path);
  Result<UniqueFd> OpenDirectory(const std::string& path);
  Result<void> AddDirectory(int parent, const std::string& name);
  Result<int> Replace(int parent, const LayerPath& path);
  Result<void> SetOnPath(int parent, const LayerPath& path, const Attributes& attributes);

  int root_;
  // Directories that entries were put in lately, by path. Cleared whenever a name changes its
  // meaning.
  std::unordered_map<std::string, UniqueFd> open_;
  std::vector<std::pair<std::string, timespec>> times_;
};

}  // namespace berth::agent::images
