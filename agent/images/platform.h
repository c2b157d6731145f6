// Platform: which of an image's variants runs here.
#pragma once

#include <string>

namespace berth::agent::images {

/// In Go's names, as image indexes have them (image-spec, image-index.md).
struct Platform {
  std::string os = "linux";
  std::string architecture;  // "amd64", "arm64"; ECS's X86_64 and ARM64
  std::string variant;       // "" takes any

  /// What this machine runs natively.
  static Platform Host();
  /// "linux/amd64", "linux/arm/v7".
  std::string ToString() const;
};

}  // namespace berth::agent::images
