// NetnsPool: network namespaces made ahead of need.
//
// Most of what an attachment costs is the making of its namespace and of the veth pair that joins
// it to the host (docs/performance.md). Neither needs to know for whom it is.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"
#include "net/links/veth.h"
#include "net/netlink.h"
#include "net/netns.h"

namespace berth::net {

/// A namespace with one end of a veth pair whose other is on the host: both down, without
/// addresses, and without IPv6. All of it goes when the descriptors here do.
struct PooledNetns {
  Netns netns;
  NetlinkSocket task_links;  // NETLINK_ROUTE, of the namespace
  SpareVeth veth;

  /// Makes one, with the calling thread's namespace as the host's.
  static Result<PooledNetns> Make();
};

class NetnsPool {
 public:
  /// Keeps up to `size` of them ready, made by a thread of its own, with the calling thread's
  /// network namespace as the host's.
  static Result<std::unique_ptr<NetnsPool>> Start(size_t size);
  ~NetnsPool();
  NetnsPool(const NetnsPool&) = delete;
  NetnsPool& operator=(const NetnsPool&) = delete;

  /// One that is ready, and has the next one made; nothing if none is. From any thread.
  std::optional<PooledNetns> Take();
  /// How many are ready.
  size_t Ready() const;

 private:
  explicit NetnsPool(size_t size) : size_(size) {}
  void KeepFilled();

  const size_t size_;
  mutable std::mutex mutex_;
  std::condition_variable taken_;
  std::deque<PooledNetns> ready_;
  bool ends_ = false;
  std::thread filler_;
};

}  // namespace berth::net
