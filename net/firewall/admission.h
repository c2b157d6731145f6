// What lets an attachment through the firewall, as messages.
#pragma once

#include <vector>

#include "net/attachment.h"
#include "net/firewall/written_chains.h"
#include "net/nft/batch.h"

namespace berth::net {

/// Whether it has ports that the host's input rules guard (input_way.h).
bool HasGuardedPorts(const Attachment& attachment);

/// What writes the chains that it has in common with others.
std::vector<ChainPart> SharedBy(const Attachment& attachment);

class Admission {
 public:
  explicit Admission(const Attachment& attachment);

  /// Its pins, what writes these chains, and its other elements, which must not be there yet.
  NftMessages With(const std::vector<ChainPart>& parts) const;

 private:
  NftBatch pins_, passages_;
};

}  // namespace berth::net
