#include "runtime/process/passwd.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "runtime/mounts/in_root.h"

namespace berth::runtime {
namespace {

constexpr size_t kMaxFile = 16 << 20;
constexpr uint32_t kMaxId = INT32_MAX;

struct PasswdEntry {
  std::string name;
  uint32_t uid = 0;
  uint32_t gid = 0;
  std::string home;
};

struct GroupEntry {
  std::string name;
  uint32_t gid = 0;
  std::vector<std::string> members;
};

// The lines of a file of the image; none if it isn't there. O_NONBLOCK: it may be a pipe by now.
Result<std::vector<std::string>> Lines(int root, const std::string& path) {
  const auto fd = OpenInRoot(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd && (fd.error().Is(ENOENT) || fd.error().Is(ENOTDIR))) return std::vector<std::string>();
  if (!fd) return fd.error();
  struct stat info;
  if (::fstat(fd->get(), &info) < 0) return ErrnoError("stat {}", path);
  if (!S_ISREG(info.st_mode)) return MakeError("{} is not a file", path);
  return Split(TRY(ReadAll(fd->get(), kMaxFile).Context("{}", path)), '\n');
}

std::optional<uint32_t> ParseId(std::string_view text) {
  const auto id = ParseInteger<uint32_t>(text);
  return id && *id <= kMaxId ? id : std::nullopt;
}

// Lines that make no sense are passed over, as the C library does.
Result<std::vector<PasswdEntry>> ReadPasswd(int root) {
  std::vector<PasswdEntry> entries;
  for (const std::string& line : TRY(Lines(root, "etc/passwd"))) {
    const std::vector<std::string> fields = Split(line, ':');
    if (fields.size() < 4 || fields[0].empty()) continue;
    const auto uid = ParseId(fields[2]);
    const auto gid = ParseId(fields[3]);
    if (!uid || !gid) continue;
    entries.push_back({fields[0], *uid, *gid, fields.size() > 5 ? fields[5] : ""});
  }
  return entries;
}

Result<std::vector<GroupEntry>> ReadGroups(int root) {
  std::vector<GroupEntry> entries;
  for (const std::string& line : TRY(Lines(root, "etc/group"))) {
    const std::vector<std::string> fields = Split(line, ':');
    if (fields.size() < 3 || fields[0].empty()) continue;
    const auto gid = ParseId(fields[2]);
    if (!gid) continue;
    entries.push_back(
        {fields[0], *gid, fields.size() > 3 ? Split(fields[3], ',') : std::vector<std::string>()});
  }
  return entries;
}

Result<uint32_t> LookUpGroup(int root, const std::string& group) {
  if (const auto gid = ParseId(group)) return *gid;
  for (const GroupEntry& entry : TRY(ReadGroups(root))) {
    if (entry.name == group) return entry.gid;
  }
  return MakeError("group \"{}\" is not in the image's /etc/group", group);
}

Result<std::vector<uint32_t>> GroupsOf(int root, const std::string& name) {
  std::vector<uint32_t> gids;
  for (const GroupEntry& entry : TRY(ReadGroups(root))) {
    const bool member =
        std::find(entry.members.begin(), entry.members.end(), name) != entry.members.end();
    if (member && std::find(gids.begin(), gids.end(), entry.gid) == gids.end()) {
      gids.push_back(entry.gid);
    }
  }
  return gids;
}

}  // namespace

Result<User> LookUpUser(int root_fd, std::string_view user) {
  const size_t colon = user.find(':');
  const std::string name(user.substr(0, colon));
  const std::string group(colon == std::string_view::npos ? "" : user.substr(colon + 1));
  if (colon != std::string_view::npos && (group.empty() || group.find(':') != std::string::npos)) {
    return MakeError("user \"{}\" is not of the form user[:group]", user);
  }
  const auto number = name.empty() ? std::optional<uint32_t>(0) : ParseId(name);
  const std::vector<PasswdEntry> entries = TRY(ReadPasswd(root_fd));
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const PasswdEntry& entry) {
    return number ? entry.uid == *number : entry.name == name;
  });
  if (found == entries.end() && !number) {
    return MakeError("user \"{}\" is not in the image's /etc/passwd", name);
  }
  User result;
  result.uid = number ? *number : found->uid;
  if (found != entries.end()) result.gid = found->gid;
  if (!group.empty()) {
    result.gid = TRY(LookUpGroup(root_fd, group));
  } else if (found != entries.end()) {
    result.additionalGids = TRY(GroupsOf(root_fd, found->name));
  }
  // The primary group is listed too: or a set-gid program would shake off what that group is denied
  // (CVE-2022-36109).
  auto& groups = result.additionalGids;
  if (std::find(groups.begin(), groups.end(), result.gid) == groups.end()) {
    groups.insert(groups.begin(), result.gid);
  }
  return result;
}

Result<std::string> HomeDirectory(int root_fd, uint32_t uid) {
  for (const PasswdEntry& entry : TRY(ReadPasswd(root_fd))) {
    if (entry.uid == uid && !entry.home.empty()) return entry.home;
  }
  return std::string("/");
}

}  // namespace berth::runtime
