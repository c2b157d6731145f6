// Image: what a container is started from.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/images/digest.h"
#include "base/result.h"
#include "base/time.h"

namespace berth::agent::images {

/// `config.Healthcheck` of Docker's image config, which OCI configs carry as well.
struct ImageHealthcheck {
  std::vector<std::string> test;        // {"NONE"}, {"CMD", arg...} or {"CMD-SHELL", line}
  std::chrono::nanoseconds interval{};  // 0: the default of whoever runs it; so for all four
  std::chrono::nanoseconds timeout{};
  std::chrono::nanoseconds startPeriod{};
  int retries = 0;

  bool operator==(const ImageHealthcheck&) const = default;
};

/// What an image says of how to run it (image-spec, config.md).
struct ImageConfig {
  std::string user;        // "", "name", "uid", "name:group", ...
  std::string workingDir;  // "" is "/"
  std::vector<std::string> entrypoint;
  std::vector<std::string> cmd;
  std::vector<std::string> env;  // NAME=value
  std::map<std::string, std::string> labels;
  std::vector<std::string> volumes;       // paths in the container
  std::vector<std::string> exposedPorts;  // "80/tcp"
  std::string stopSignal;                 // "", "SIGTERM" or a number
  std::optional<ImageHealthcheck> healthcheck;
  std::string architecture;  // Go's names: "amd64", "arm64"
  std::string os;

  bool operator==(const ImageConfig&) const = default;
};

/// An image in a store.
struct Image {
  std::string name;  // as people write it, with its tag: "nginx:latest"
  /// What the name stood for when it was pulled: of the manifest, or of the index it was chosen
  /// from.
  Digest digest;
  ImageConfig config;
  std::vector<std::string> layers;  // unpacked directories, lowest first
  uint64_t size = 0;                // bytes of the files in the layers
  WallTime created;                 // when it came into the store
};

/// The config document of an image, OCI's or Docker's.
struct ConfigDocument {
  ImageConfig config;
  std::vector<Digest> diff_ids;  // of the uncompressed layers, lowest first
};

/// Reads a config document; the error starts with the JSON path.
Result<ConfigDocument> ParseConfigDocument(std::string_view json);
/// The document for an image of these parts, as OCI has it.
std::string WriteConfigDocument(const ConfigDocument& document);

}  // namespace berth::agent::images
