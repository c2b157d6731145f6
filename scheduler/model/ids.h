// New names for things.
#pragma once

#include <string>

namespace berth::scheduler {

/// A random UUID (RFC 9562, version 4): attachments, messages, credentials.
std::string RandomUuid();

/// The security group of tasks that name none; made with the installation.
inline constexpr const char* kDefaultGroup = "sg-default";

}  // namespace berth::scheduler
