// Who a process is: its user and group ids, inside the container.
#pragma once

#include <string_view>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// "UID" or "UID:GID", numbers and nothing else: a name would mean one thing on the host and
/// another in the container (CVE-2026-30892). Without a GID it is 0.
Result<User> ParseUser(std::string_view text);

/// Whether a process gets the supplementary groups of its configuration, or keeps its launcher's.
enum class Groups { kSet, kKeep };
inline Groups GroupsOf(const Spec& spec) {
  return spec.extensions.keep_original_groups ? Groups::kKeep : Groups::kSet;
}

/// After a new user namespace has got its mappings: becomes its root, so that what the set-up makes
/// belongs to someone who exists there.
Result<void> BecomeNamespaceRoot(Groups groups);

/// Takes on groups, gid, uid and umask for good. Permitted capabilities are kept, for
/// SetCapabilities to cut down.
Result<void> BecomeUser(const User& user, Groups groups);

}  // namespace berth::runtime
