// What a store writes down and works out about its images. Only for the store's own sources.
#pragma once

#include <set>
#include <string>

#include "agent/images/digest.h"
#include "agent/images/store.h"
#include "base/time.h"

namespace berth::agent::images {

/// What a name stands for, as it stands in a file of names/.
struct Store::Record {
  std::string name;  // canonical
  Digest digest;     // what the name stood for in its registry: a manifest or an index
  Digest manifest;
  Digest config;
  WallTime created;
  uint64_t size = 0;

  std::string Write() const;
};

/// The hex digests of the content that names need.
struct Store::Content {
  std::set<std::string> layers;
  std::set<std::string> blobs;
};

}  // namespace berth::agent::images
