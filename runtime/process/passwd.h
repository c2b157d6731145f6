// Users of an image, by its own /etc/passwd and /etc/group.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Resolves `user` ("name", "uid", "name:group", "uid:gid", or empty for uid 0) in the root that
/// `root_fd` names (a directory or a mount). As Docker does: a number need not be listed, a name
/// must be; supplementary groups come from /etc/group unless a group is given. Numbers are decimal
/// from 0 to 2^31 - 1; anything else in their place is a name.
Result<User> LookUpUser(int root_fd, std::string_view user);

/// The home directory that /etc/passwd gives to `uid`, "/" if it gives none.
Result<std::string> HomeDirectory(int root_fd, uint32_t uid);

}  // namespace berth::runtime
