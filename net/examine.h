// Whether an attachment is still as it was made.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "net/attachment.h"

namespace berth::net {

/// What is missing of an attachment or not as Attach has made it, each in a few words for people.
/// Empty: all is there. Looks at both ends of the veth pair, their addresses, routes and permanent
/// neighbours, at forwarding, and at the attachment's elements of the firewall.
Result<std::vector<std::string>> FindMissing(const Attachment& attachment, const Netns& task);

}  // namespace berth::net
