// Who a process is: its user and group ids, inside the container.
#pragma once

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// After a new user namespace has got its mappings: becomes its root, so that what the set-up makes
/// belongs to someone who exists there.
Result<void> BecomeNamespaceRoot();

/// Takes on groups, gid, uid and umask for good. Permitted capabilities are kept, for
/// SetCapabilities to cut down.
Result<void> BecomeUser(const User& user);

}  // namespace berth::runtime
