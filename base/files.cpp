#include "base/files.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "base/sys.h"
#include "base/text.h"

namespace berth {

Result<std::string> ReadAll(int fd, size_t limit) {
  std::string content;
  for (;;) {
    const size_t have = content.size();
    if (have > limit) return MakeError("larger than {} bytes", limit);
    content.resize(have + 4096);
    const size_t size = TRY(sys::Read(fd, {content.data() + have, 4096}));
    content.resize(have + size);
    if (size == 0) return content;
  }
}

Result<std::string> ReadFileAt(int dir, const std::string& path, size_t limit) {
  const UniqueFd fd = TRY(sys::OpenAt(dir, path, O_RDONLY));
  return ReadAll(fd.get(), limit).Context("{}", path);
}

Result<std::string> ReadFile(const std::string& path, size_t limit) {
  return ReadFileAt(AT_FDCWD, path, limit);
}

Result<void> WriteControlFile(int dir, const std::string& path, std::string_view value) {
  const UniqueFd fd = TRY(sys::OpenAt(dir, path, O_WRONLY));
  const ssize_t size = ::write(fd.get(), value.data(), value.size());
  if (size < 0) {
    constexpr size_t kShown = 100;
    const bool is_long = value.size() > kShown;
    return ErrnoError("write \"{}{}\" to {}", value.substr(0, kShown), is_long ? "..." : "", path);
  }
  if (static_cast<size_t>(size) != value.size()) return MakeError("short write to {}", path);
  return {};
}

namespace {

enum class Durability { kProcess, kPowerCut };

Result<void> WriteAndRename(const std::string& path, std::string_view content, mode_t mode,
                            Durability durability) {
  const std::string beside = fmt::format("{}.new-{}", path, RandomHex(4));
  const UniqueFd fd = TRY(sys::Open(beside, O_WRONLY | O_CREAT | O_EXCL, mode));
  auto written = sys::WriteAll(fd.get(), content);
  if (written && durability == Durability::kPowerCut && ::fsync(fd.get()) < 0) {
    written = ErrnoError("fsync");
  }
  if (written) written = sys::Rename(beside, path);
  if (!written) {
    ::unlink(beside.c_str());
    return std::move(written).Context("write {}", path);
  }
  if (durability == Durability::kPowerCut) {
    const size_t slash = path.find_last_of('/');
    const auto dir = sys::Open(slash == std::string::npos ? "." : path.substr(0, slash + 1),
                               O_RDONLY | O_DIRECTORY);
    if (dir) ::fsync(dir->get());
  }
  return {};
}

}  // namespace

Result<void> WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode) {
  return WriteAndRename(path, content, mode, Durability::kPowerCut);
}

Result<void> ReplaceFile(const std::string& path, std::string_view content, mode_t mode) {
  return WriteAndRename(path, content, mode, Durability::kProcess);
}

Result<void> WriteNewFile(const std::string& path, std::string_view content, mode_t mode) {
  const UniqueFd fd = TRY(sys::Open(path, O_WRONLY | O_CREAT | O_EXCL, mode));
  return sys::WriteAll(fd.get(), content).Context("write {}", path);
}

Result<std::vector<std::string>> ListDirectory(const std::string& path) {
  using Directory = std::unique_ptr<DIR, decltype([](DIR* dir) { ::closedir(dir); })>;
  const Directory dir(::opendir(path.c_str()));
  if (!dir) return ErrnoError("read directory {}", path);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace berth
