// The result of ADD, as each version of the specification writes it, and as CHECK gets it back.
#pragma once

#include <string>

#include "base/json.h"
#include "net/cni/config.h"

namespace berth::net::cni {

/// What ADD has made.
struct Made {
  Attachment attachment;
  std::string netns;
  int mtu = 0;
};

/// The result in the network's version, on one line. What earlier plugins of a chain have made
/// (`prevResult` of the document) stays in it.
Answer<std::string> FormatResult(const NetworkConfig& config, const Json& document,
                                 const Made& made);

/// Fails with kInvalidConfig unless the document has a prevResult, and with kNotAsAdded unless that
/// names the interface with its MAC and its address.
Answer<void> CheckPrevResult(const Json& document, const Made& made);

}  // namespace berth::net::cni
