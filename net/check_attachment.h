// Whether an attachment can be made as it is asked for.
#pragma once

#include <vector>

#include "base/result.h"
#include "net/attachment.h"

namespace berth::net {

/// Fails, naming what and why, for values that make no sense by themselves or together. What the
/// host has is not looked at.
Result<void> CheckAttachment(const Attachment& attachment);
/// The same of its groups alone.
Result<void> CheckGroups(const std::vector<SecurityGroup>& groups);

}  // namespace berth::net
