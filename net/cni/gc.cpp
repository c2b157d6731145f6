#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "net/cni/commands.h"

namespace berth::net::cni {
namespace {

/// The network's records that the list does not name; the ids of all others go to `live`.
std::vector<Record> Doomed(const std::vector<Record>& records, const std::string& network,
                           const std::vector<ValidAttachment>& valid, std::set<std::string>& live) {
  const std::set<ValidAttachment> named(valid.begin(), valid.end());
  std::vector<Record> doomed;
  for (const Record& record : records) {
    const bool stays =
        record.key.network != network ||
        named.contains({.containerId = record.key.containerId, .ifname = record.key.ifname});
    if (stays) {
      live.insert(record.key.Id());
    } else {
      doomed.push_back(record);
    }
  }
  return doomed;
}

}  // namespace

Answer<Done> CollectGarbage(const Call& call) {
  const NetworkHeader header = TRY_ANSWER(ReadHeader(call.document));
  const auto valid = TRY_ANSWER(ReadValidAttachments(call.document));
  const Store store = TRY_ANSWER(OpenStore(call.paths));
  const auto lock = TRY_OR(Code::kFailed, store.locks().AllAttachments());
  std::set<std::string> live;
  const auto records = TRY_OR(Code::kFailed, store.List());
  const auto doomed = Doomed(records, header.name, valid, live);
  // Also what has no record at all: nobody is making anything while this lock is held.
  TRY_OR(Code::kFailed, SweepExcept(live, call.paths.NetLock(), Owner::kCni));
  std::vector<IpAddress> addresses;
  for (const Record& record : doomed) {
    for (const IpAddress& address : record.Addresses()) addresses.push_back(address);
    TRY_OR(Code::kFailed, store.Release(record));
  }
  TRY_OR(Code::kFailed, ForgetFlows(addresses, call.paths.NetLock()));
  TRY_OR(Code::kFailed, store.Tidy());
  return Done{};
}

}  // namespace berth::net::cni
