// A layer's tar stream onto the disk.
#pragma once

#include <cstdint>

#include "agent/images/byte_source.h"
#include "base/result.h"

namespace berth::agent::images {

/// What a layer may hold. The defaults are far above real images and below what fills a disk.
struct UnpackLimits {
  uint64_t bytes = uint64_t{64} << 30;  // of the uncompressed stream
  uint64_t entries = 4'000'000;
};

/// Device nodes of a layer outside /dev. Those in /dev are left out under kRefuse: every container
/// gets a /dev of its own, and root file systems made by debootstrap hold them.
enum class Devices { kRefuse, kKeep };

struct UnpackOptions {
  UnpackLimits limits;
  Devices devices = Devices::kRefuse;
};

struct UnpackedLayer {
  uint64_t bytes = 0;  // in files
  uint64_t entries = 0;
};

/// Unpacks the (uncompressed) tar stream of one layer into the empty directory `root`, in the form
/// that overlayfs wants for a lower directory: a whiteout is a character device 0:0, an opaque
/// directory has trusted.overlay.opaque=y (image-spec, layer.md; Linux, overlayfs.rst). Needs root.
///
/// Nothing is ever written outside `root`: names with ".." and paths through links that lead out of
/// the layer are refused. Names that start with "/" are taken as below `root`, as all engines do.
/// Owners, modes with setuid, times, security.capability and user.* attributes are kept; other
/// attributes are not. The error names the entry.
Result<UnpackedLayer> UnpackLayer(ByteSource& tar, int root, const UnpackOptions& options);

}  // namespace berth::agent::images
