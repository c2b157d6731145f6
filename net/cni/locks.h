// Locks between plugins at work at once: byte ranges of one file (fcntl(2), F_OFD_SETLKW), which
// the kernel lets go of when their holder ends, however that comes about.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net::cni {

class Locks {
 public:
  /// `path` is made if it is missing.
  explicit Locks(std::string path) : path_(std::move(path)) {}

  /// Held while it exists.
  using Held = UniqueFd;

  // Each waits. They are taken in this order.

  /// No attachment is made or unmade by another meanwhile.
  Result<Held> AllAttachments() const;
  /// This one is not made or unmade by another meanwhile, and nobody has AllAttachments.
  Result<std::pair<Held, Held>> OneAttachment(const std::string& id) const;
  /// No address is given or taken back by another meanwhile.
  Result<Held> Addresses() const;

 private:
  std::string path_;
};

}  // namespace berth::net::cni
