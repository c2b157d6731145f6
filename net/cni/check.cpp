#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/cni/commands.h"
#include "net/cni/container_netns.h"
#include "net/cni/result.h"
#include "net/examine.h"

namespace berth::net::cni {

Answer<Done> Check(const Call& call) {
  const NetworkConfig config = TRY_ANSWER(ReadConfig(call.document, call.request.args));
  const Store store = TRY_ANSWER(OpenStore(call.paths));
  const AttachmentKey key = call.Key(config.header);
  const auto lock = TRY_OR(Code::kFailed, store.locks().OneAttachment(key.Id()));
  const auto record = TRY_OR(Code::kFailed, store.Find(key.Id()));
  if (!record || record->phase != Record::Phase::kLive) {
    return Fail(Code::kUnknownContainer,
                fmt::format("container {} has no interface {} of network {}", key.containerId,
                            key.ifname, key.network));
  }
  const Made made = {.attachment = Plan(*record, config), .netns = call.request.netns};
  TRY_ANSWER(CheckPrevResult(call.document, made));
  const auto netns = OpenContainerNetns(call.request.netns);
  if (!netns) return Fail(Code::kNotAsAdded, netns.error().msg);
  const auto missing = TRY_OR(Code::kFailed, FindMissing(made.attachment, *netns));
  if (!missing.empty()) return Fail(Code::kNotAsAdded, Join(missing, "; "));
  return Done{};
}

}  // namespace berth::net::cni
