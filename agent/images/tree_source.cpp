#include "agent/images/tree_source.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/files.h"
#include "base/json.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

constexpr size_t kTarBlock = 512;

void PadToBlock(std::string& out) {
  out.append((kTarBlock - out.size() % kTarBlock) % kTarBlock, '\0');
}

// One record says its own length, digits included.
std::string Record(const std::string& key, const std::string& value) {
  const size_t rest = key.size() + value.size() + 3;  // " ", "=", "\n"
  size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) {
    length = std::to_string(length).size() + rest;
  }
  return fmt::format("{} {}={}\n", length, key, value);
}

// A header block with what every entry has; names and numbers that matter are in the pax records.
std::string Block(char type, std::string_view name, mode_t mode, uint64_t size, dev_t device) {
  std::string block(kTarBlock, '\0');
  const auto put = [&](size_t offset, std::string_view text) {
    block.replace(offset, text.size(), text);
  };
  put(0, name.substr(0, 100));
  put(100, fmt::format("{:07o}", mode & 07777));
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", std::min<uint64_t>(size, 077777777777)));
  put(136, "00000000000");
  put(148, "        ");
  put(156, std::string_view(&type, 1));
  put(257, std::string_view("ustar\00000", 8));
  put(329, fmt::format("{:07o}", major(device)));
  put(337, fmt::format("{:07o}", minor(device)));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  return block;
}

Result<std::vector<std::pair<std::string, std::string>>> ReadXattrs(int fd) {
  std::vector<std::pair<std::string, std::string>> found;
  std::array<char, 65536> names;
  const ssize_t size = ::flistxattr(fd, names.data(), names.size());
  if (size < 0 && errno == ENOTSUP) return found;
  if (size < 0) return ErrnoError("list attributes");
  for (const char* name = names.data(); name < names.data() + size; name += std::strlen(name) + 1) {
    std::string value(65536, '\0');
    const ssize_t length = ::fgetxattr(fd, name, value.data(), value.size());
    if (length < 0) return ErrnoError("read attribute {}", name);
    value.resize(static_cast<size_t>(length));
    found.emplace_back(fmt::format("SCHILY.xattr.{}", name), std::move(value));
  }
  return found;
}

Result<std::string> ReadLink(int parent, const std::string& name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t size = ::readlinkat(parent, name.c_str(), target.data(), target.size());
  if (size < 0) return ErrnoError("readlink");
  target.resize(static_cast<size_t>(size));
  return target;
}

}  // namespace

Result<std::unique_ptr<TreeSource>> TreeSource::Open(const std::string& path) {
  auto tree = std::unique_ptr<TreeSource>(new TreeSource);
  UniqueFd root = TRY(sys::Open(path, O_RDONLY | O_DIRECTORY));
  struct stat info;
  if (::fstat(root.get(), &info) < 0) return ErrnoError("stat {}", path);
  tree->device_ = info.st_dev;
  Records xattrs = TRY(ReadXattrs(root.get()));
  tree->AddHeader('5', "./", info, 0, std::move(xattrs));
  TRY(tree->Enter("", std::move(root)));
  return tree;
}

Result<void> TreeSource::Enter(std::string path, UniqueFd fd) {
  std::vector<std::string> names = TRY(ListDirectory(fmt::format("/proc/self/fd/{}", fd.get())));
  std::reverse(names.begin(), names.end());
  levels_.push_back({.path = std::move(path), .fd = std::move(fd), .names = std::move(names)});
  return {};
}

Result<size_t> TreeSource::Read(std::span<char> buffer) {
  for (;;) {
    if (sent_ < pending_.size()) {
      const size_t size = pending_.copy(buffer.data(), buffer.size(), sent_);
      sent_ += size;
      return size;
    }
    pending_.clear();
    sent_ = 0;
    if (file_left_ > 0) {
      const size_t want = std::min<uint64_t>(buffer.size(), file_left_);
      const size_t size = TRY(sys::Read(file_.get(), buffer.first(want)));
      if (size == 0) return MakeError("{} shrank while it was read", QuoteJson(file_path_));
      file_left_ -= size;
      return size;
    }
    if (done_) return 0;
    TRY(Advance());
  }
}

// Puts the padding of the last file and the next entry's header on their way.
Result<void> TreeSource::Advance() {
  if (file_) {
    const off_t read = ::lseek(file_.get(), 0, SEEK_CUR);
    pending_.append((kTarBlock - static_cast<size_t>(read) % kTarBlock) % kTarBlock, '\0');
    file_.Reset();
  }
  while (!levels_.empty() && levels_.back().names.empty()) levels_.pop_back();
  if (levels_.empty()) {
    pending_.append(2 * kTarBlock, '\0');
    done_ = true;
    return {};
  }
  Level& level = levels_.back();
  const std::string name = std::move(level.names.back());
  level.names.pop_back();
  const std::string path = level.path + name;
  return Add(level.fd.get(), name, path).Context("{}", QuoteJson(path));
}

// `path` is the whole of what `name` is the last part of.
Result<void> TreeSource::Add(int parent, const std::string& name, const std::string& path) {
  struct stat info;
  if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("stat");
  }
  if (!S_ISDIR(info.st_mode) && !S_ISSOCK(info.st_mode) && info.st_nlink > 1) {
    const auto [first, is_new] = linked_.emplace(info.st_ino, path);
    if (!is_new) {
      AddHeader('1', path, info, 0, {{"linkpath", first->second}});
      return {};
    }
  }
  switch (info.st_mode & S_IFMT) {
    case S_IFLNK: {
      const std::string target = TRY(ReadLink(parent, name));
      AddHeader('2', path, info, 0, {{"linkpath", target}});
      return {};
    }
    case S_IFCHR:
      AddHeader('3', path, info, 0, {});
      return {};
    case S_IFBLK:
      AddHeader('4', path, info, 0, {});
      return {};
    case S_IFIFO:
      AddHeader('6', path, info, 0, {});
      return {};
    case S_IFDIR: {
      UniqueFd fd = TRY(sys::OpenAt(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
      Records xattrs = TRY(ReadXattrs(fd.get()));
      AddHeader('5', path + "/", info, 0, std::move(xattrs));
      if (info.st_dev != device_) return {};
      return Enter(path + "/", std::move(fd));
    }
    case S_IFREG:
      return AddFile(path, TRY(sys::OpenAt(parent, name, O_RDONLY | O_NOFOLLOW)), info);
    default:
      return {};  // a socket: of no use without the program that listens
  }
}

Result<void> TreeSource::AddFile(const std::string& path, UniqueFd fd, const struct stat& info) {
  const auto size = static_cast<uint64_t>(info.st_size);
  AddHeader('0', path, info, size, TRY(ReadXattrs(fd.get())));
  file_ = std::move(fd);
  file_path_ = path;
  file_left_ = size;
  return {};
}

void TreeSource::AddHeader(char type, const std::string& path, const struct stat& info,
                           uint64_t size, Records records) {
  records.insert(records.end(),
                 {{"path", path},
                  {"size", fmt::format("{}", size)},
                  {"uid", fmt::format("{}", info.st_uid)},
                  {"gid", fmt::format("{}", info.st_gid)},
                  {"mtime", fmt::format("{}.{:09}", info.st_mtim.tv_sec, info.st_mtim.tv_nsec)}});
  std::string extension;
  for (const auto& [key, value] : records) extension += Record(key, value);
  pending_ += Block('x', path, 0, extension.size(), 0);
  PadToBlock(extension);
  pending_ += extension;
  pending_ += Block(type, path, info.st_mode, size, info.st_rdev);
}

}  // namespace berth::agent::images
