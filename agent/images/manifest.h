// Manifest and Index: what an image is made of (image-spec, manifest.md and image-index.md;
// Docker's "Image Manifest Version 2, Schema 2").
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/images/compression.h"
#include "agent/images/digest.h"
#include "agent/images/platform.h"
#include "base/result.h"

namespace berth::agent::images {

/// A document larger than this is refused, as registries do.
constexpr size_t kLargestManifest = 4 << 20;
constexpr size_t kLargestConfig = 16 << 20;

/// Points at content (image-spec, descriptor.md).
struct Descriptor {
  std::string mediaType;
  Digest digest;
  uint64_t size = 0;
  std::map<std::string, std::string> annotations;
  std::optional<Platform> platform;
};

struct Manifest {
  Descriptor config;
  std::vector<Descriptor> layers;  // lowest first
};

struct Index {
  std::vector<Descriptor> manifests;
};

/// Reads either, in OCI's or Docker's form; which one it is its content says. Schema 1 is refused
/// by name. The error starts with the JSON path.
Result<std::variant<Manifest, Index>> ParseManifest(std::string_view json);

/// The manifest of an index for a platform; the error lists those that there are.
Result<Descriptor> Select(const Index& index, const Platform& platform);

/// What a layer of that media type is compressed with; layers of other kinds (foreign, encrypted)
/// are refused.
Result<Compression> LayerCompression(const std::string& media_type);

/// A manifest for layers that are known by their diff ids only, as imports make it.
std::string WriteManifest(const Digest& config, uint64_t config_size,
                          const std::vector<Digest>& diff_ids);

/// The media types that a registry is asked for, for an Accept header.
std::string AcceptedManifests();

}  // namespace berth::agent::images
