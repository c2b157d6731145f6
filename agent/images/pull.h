// Pull: an image from a registry into a store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/images/credentials.h"
#include "agent/images/image.h"
#include "agent/images/platform.h"
#include "agent/images/progress.h"
#include "agent/images/reference.h"
#include "agent/images/retry.h"
#include "agent/images/store.h"
#include "agent/images/unpack.h"
#include "base/result.h"

namespace berth::agent::images {

struct PullOptions {
  Platform platform = Platform::Host();
  /// Tried before those of `docker_config`.
  std::optional<Credentials> credentials;
  /// A Docker config.json with credentials per registry; "" or a file that is not there: none.
  std::string docker_config;
  /// Registries ("host" or "host:port") that are spoken to in plain HTTP. Loopback addresses always
  /// are, when they don't answer in TLS.
  std::vector<std::string> insecure_registries;
  /// PEM file of further authorities to trust, besides the system's; "" for none.
  std::string ca_file;
  ProgressSink* progress = nullptr;
  int parallel = 3;  // layers at a time
  RetryPolicy retry;
  UnpackOptions unpack;
};

/// Fetches what `reference` names for the platform: manifest, config and those layers that are not
/// in the store yet, in parallel, each verified and unpacked while it streams. The registry's
/// answers are not trusted: everything is checked against its digest, and the first digest against
/// the one in `reference` if it has one. After a failure nothing of the image is left.
/// (distribution-spec "Pull"; image-spec; Docker's "Image Manifest Version 2, Schema 2".)
Result<Image> Pull(Store& store, const Reference& reference, const PullOptions& options);

}  // namespace berth::agent::images
