#include "net/firewall/admission.h"

#include <algorithm>
#include <mutex>

#include "net/firewall/elements.h"
#include "net/firewall/flow_limits.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/input_way.h"

namespace berth::net {
namespace {

/// What writes the chains of these groups. Tasks of one kind come one after the other: those of the
/// last ones asked for are kept.
std::vector<ChainPart> PartsOf(const std::vector<SecurityGroup>& groups) {
  static std::mutex mutex;
  static std::vector<SecurityGroup> last;
  static std::vector<ChainPart> parts;
  const std::lock_guard guard(mutex);
  if (last != groups) {
    parts = GroupParts(groups);
    last = groups;
  }
  return parts;
}

}  // namespace

bool HasGuardedPorts(const Attachment& attachment) {
  return std::any_of(attachment.ports.begin(), attachment.ports.end(),
                     [](const PublishedPort& port) { return port.obeysInput; });
}

std::vector<ChainPart> SharedBy(const Attachment& attachment) {
  std::vector<ChainPart> parts;
  if (!attachment.groups.empty()) parts = PartsOf(attachment.groups);
  if (attachment.flowLimit) {
    NftBatch limit;
    ChangeFlowLimit(limit, *attachment.flowLimit);
    parts.push_back({.name = "flow-limit", .messages = limit.messages()});
  }
  if (HasGuardedPorts(attachment)) {
    NftBatch way;
    WriteInputWay(way);
    parts.push_back({.name = "input-way", .messages = way.messages()});
  }
  return parts;
}

Admission::Admission(const Attachment& attachment) {
  NftBatch pins;
  for (const NftElement& element : PinsOf(attachment)) pins.AddElement(element);
  pins_.Append(pins.messages());  // which may be there already
  for (const NftElement& element : PassagesOf(attachment)) passages_.AddElement(element);
}

NftMessages Admission::With(const std::vector<ChainPart>& parts) const {
  NftMessages messages = {pins_.messages()};
  for (const ChainPart& part : parts) messages.push_back(part.messages);
  messages.push_back(passages_.messages());
  return messages;
}

}  // namespace berth::net
