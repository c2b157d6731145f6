// New names for things.
#pragma once

#include <string>

namespace berth::scheduler {

/// A random UUID (RFC 9562, version 4): attachments, messages, credentials.
std::string RandomUuid();

}  // namespace berth::scheduler
