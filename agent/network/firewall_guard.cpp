#include "agent/network/firewall_guard.h"

#include <chrono>

#include "base/log.h"
#include "base/text.h"
#include "net/attachment.h"

namespace berth::agent {
namespace {

using Clock = std::chrono::steady_clock;

/// "10.9.0.5 of ingress, 2 rules of input and 7 more"
std::string Shown(std::vector<std::string> missing) {
  constexpr size_t kShown = 5;
  if (missing.empty()) return "other rules than ours";
  if (missing.size() <= kShown) return Join(missing, ", ");
  const size_t more = missing.size() - kShown;
  missing.resize(kShown);
  return fmt::format("{} and {} more", Join(missing, ", "), more);
}

using Outcome = Result<std::optional<net::Restoration>>;

void Tell(const std::string& by, const Outcome& restored, Clock::time_point began) {
  const std::string who = by.empty() ? "somebody" : by;
  if (!restored) {
    return log::Error("the firewall of tasks was changed by {} and can't be restored: {}", who,
                      restored.error().message());
  }
  if (!*restored) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
  log::Warning(
      "the firewall of tasks (nftables, table inet berth) was changed by {}: {}; restored in {} ms",
      who, Shown((*restored)->missing), took.count());
}

}  // namespace

Result<FirewallGuard> FirewallGuard::Start(std::string lock_path,
                                           std::function<Result<void>()> reopen) {
  return FirewallGuard(TRY(net::FirewallMonitor::Open()), std::move(lock_path), std::move(reopen));
}

void FirewallGuard::Check() {
  const auto began = Clock::now();
  Tell("", net::RestoreFirewall(lock_path_, 0), began);
}

void FirewallGuard::Answer() {
  const auto began = Clock::now();
  const auto intrusion = monitor_.Take();
  if (!intrusion) return log::Error("{}", intrusion.error().message());
  if (!*intrusion) return;
  Tell((*intrusion)->by, net::RestoreFirewall(lock_path_, (*intrusion)->generation), began);
  if (!reopen_) return;
  if (const auto reopened = reopen_(); !reopened) log::Error("{}", reopened.error().message());
}

void RestoreLostFirewall(const std::string& lock_path) {
  const auto began = Clock::now();
  const auto restored = net::RestoreLostFirewall(lock_path);
  // Whoever has to do with the firewall will be told in full.
  if (restored) Tell("", restored, began);
}

}  // namespace berth::agent
