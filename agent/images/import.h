// Import: an image from files into a store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/images/image.h"
#include "agent/images/platform.h"
#include "agent/images/progress.h"
#include "agent/images/store.h"
#include "agent/images/unpack.h"
#include "base/result.h"

namespace berth::agent::images {

struct ImportOptions {
  /// What to call it. "": the name that the archive gives it; a plain root file system has none,
  /// and so needs this.
  std::string name;
  // In place of what the image says, if given.
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> cmd;
  std::optional<std::string> user;
  std::optional<std::string> workingDir;
  std::vector<std::string> env;  // NAME=value, added to the image's or replacing its value
  Platform platform = Platform::Host();
  ProgressSink* progress = nullptr;
  UnpackOptions unpack;
};

/// Takes in an OCI layout (directory or tar), a `docker save` archive, or a plain root file system
/// (directory or tar), tars also gzip or zstd compressed. Which of them `path` is, its content
/// tells. From a layout with several images the one whose org.opencontainers.image.ref.name is the
/// tag of `options.name` is taken. After a failure nothing of the image is left.
Result<Image> Import(Store& store, const std::string& path, const ImportOptions& options);

}  // namespace berth::agent::images
