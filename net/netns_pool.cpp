#include "net/netns_pool.h"

#include <linux/netlink.h>

#include <chrono>
#include <system_error>

#include "base/log.h"
#include "base/text.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

/// The kernel's tables of interfaces are one at a time's: who has just taken one is at work on
/// them.
constexpr std::chrono::milliseconds kQuiet{20};

}  // namespace

Result<PooledNetns> PooledNetns::Make() {
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  Netns netns = TRY(Netns::Create());
  // Two may fill their pools on one host.
  const std::string name = "berth-" + RandomHex(4);
  std::optional<NetlinkSocket> task_links;
  SpareVeth veth = TRY(CreateSpareVeth(host, name, TRY(DefaultMtu(host)), netns, task_links));
  return PooledNetns{
      .netns = std::move(netns), .task_links = *std::move(task_links), .veth = std::move(veth)};
}

Result<std::unique_ptr<NetnsPool>> NetnsPool::Start(size_t size) {
  std::unique_ptr<NetnsPool> pool(new NetnsPool(size));
  try {
    pool->filler_ = std::thread([raw = pool.get()] { raw->KeepFilled(); });
  } catch (const std::system_error& error) {
    return MakeError("start a thread: {}", ErrnoMessage(error.code().value()));
  }
  return pool;
}

NetnsPool::~NetnsPool() {
  {
    const std::lock_guard guard(mutex_);
    ends_ = true;
  }
  taken_.notify_one();
  if (filler_.joinable()) filler_.join();
}

std::optional<PooledNetns> NetnsPool::Take() {
  std::optional<PooledNetns> taken;
  {
    const std::lock_guard guard(mutex_);
    if (!ready_.empty()) {
      taken.emplace(std::move(ready_.front()));
      ready_.pop_front();
    }
  }
  taken_.notify_one();
  return taken;
}

size_t NetnsPool::Ready() const {
  const std::lock_guard guard(mutex_);
  return ready_.size();
}

void NetnsPool::KeepFilled() {
  std::unique_lock lock(mutex_);
  while (!ends_) {
    if (ready_.size() >= size_) {
      taken_.wait(lock);
      continue;
    }
    if (!ready_.empty() && taken_.wait_for(lock, kQuiet) == std::cv_status::no_timeout) continue;
    lock.unlock();
    auto made = PooledNetns::Make();
    lock.lock();
    if (made) {
      ready_.push_back(*std::move(made));
    } else {
      // Whoever needs one now makes it, and says why that fails.
      log::Warning("no network namespace ahead of need: {}", made.error().message());
      if (!ends_) taken_.wait(lock);
    }
  }
}

}  // namespace berth::net
