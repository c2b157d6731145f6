#include "agent/network/lan_guard.h"

#include "base/log.h"
#include "net/attachment.h"

namespace berth::agent {

Result<LanGuard> LanGuard::Start(std::string lock_path) {
  LanGuard guard(TRY(net::LinkMonitor::Open()), std::move(lock_path));
  TRY(net::RestoreProxies(guard.lock_path_).Context("answer for tasks on the LAN"));
  return guard;
}

void LanGuard::Answer() {
  const auto changed = monitor_.Take();
  if (!changed) return log::Error("{}", changed.error().message());
  if (!*changed) return;
  const auto restored = net::RestoreProxies(lock_path_);
  if (!restored) log::Error("answer for tasks on the LAN: {}", restored.error().message());
}

}  // namespace berth::agent
