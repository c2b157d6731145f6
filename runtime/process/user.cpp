#include "runtime/process/user.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "base/text.h"

namespace berth::runtime {
namespace {

// In a user namespace that was mapped without privilege nobody may change groups: those that the
// launcher has stay (user_namespaces(7), "The /proc/pid/setgroups file").
bool GroupsAreFixed() { return ReadFile("/proc/self/setgroups").ValueOr("").starts_with("deny"); }

Result<uint32_t> ParseUserId(std::string_view text) {
  const auto id = ParseInteger<uint32_t>(text);
  if (!id || *id == kNoId) {
    return MakeError("must be UID or UID:GID, as numbers below {}", kNoId);
  }
  return *id;
}

Result<void> SetIds(const User& user, Groups which) {
  if (user.uid == kNoId || user.gid == kNoId) return MakeError("{} is nobody's id", kNoId);
  const std::vector<gid_t> groups(user.additionalGids.begin(), user.additionalGids.end());
  if (which == Groups::kSet && ::setgroups(groups.size(), groups.data()) < 0) {
    const Error error = ErrnoError("setgroups");
    if (!error.Is(EPERM) || !groups.empty() || !GroupsAreFixed()) return error;
  }
  if (::setresgid(user.gid, user.gid, user.gid) < 0) return ErrnoError("setgid {}", user.gid);
  if (::setresuid(user.uid, user.uid, user.uid) < 0) return ErrnoError("setuid {}", user.uid);
  return {};
}

}  // namespace

Result<User> ParseUser(std::string_view text) {
  const size_t colon = text.find(':');
  User user;
  user.uid = TRY(ParseUserId(text.substr(0, colon)));
  if (colon != std::string_view::npos) user.gid = TRY(ParseUserId(text.substr(colon + 1)));
  return user;
}

Result<void> BecomeNamespaceRoot(Groups groups) { return SetIds(User{}, groups); }

Result<void> BecomeUser(const User& user, Groups groups) {
  // Without it the kernel clears the permitted set when uid 0 becomes another; execve resets it.
  if (user.uid != 0 && ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) {
    return ErrnoError("keep capabilities");
  }
  TRY(SetIds(user, groups));
  ::umask(user.umask.value_or(022));
  return {};
}

}  // namespace berth::runtime
