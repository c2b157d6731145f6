#include <set>

#include "base/sys.h"
#include "net/cni/commands.h"

namespace berth::net::cni {
namespace {

/// The firewall's ledger outlives the boot, and what it has of ours would come back.
Result<void> SweepOnce(const Store& store, const Paths& paths) {
  const auto lock = TRY(store.locks().AllAttachments());
  if (store.IsSwept()) return {};
  std::set<std::string> live;
  for (const Record& record : TRY(store.List())) live.insert(record.key.Id());
  TRY(SweepExcept(live, paths.NetLock(), Owner::kCni));
  return store.SetSwept();
}

}  // namespace

Answer<Store> OpenStore(const Paths& paths) {
  TRY_OR(Code::kFailed, sys::MakeDirectories(paths.root, 0755));
  Store store = TRY_OR(Code::kFailed, Store::Open(paths.State()));
  if (!store.IsSwept()) TRY_OR(Code::kFailed, SweepOnce(store, paths));
  return store;
}

}  // namespace berth::net::cni
