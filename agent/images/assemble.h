// From a manifest or an index to an image in the store, wherever the content comes from.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/images/byte_source.h"
#include "agent/images/image.h"
#include "agent/images/incoming.h"
#include "agent/images/manifest.h"
#include "agent/images/platform.h"
#include "base/result.h"

namespace berth::agent::images {

/// Where an image's content is: a registry, or an OCI layout. What it gives is checked by whoever
/// asked; `Blob` is called from several threads at once.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  virtual Result<std::string> ManifestText(const Descriptor& descriptor) = 0;
  virtual Result<std::unique_ptr<ByteSource>> Blob(const Descriptor& descriptor) = 0;
};

struct AssembleOptions {
  Platform platform;
  LayerWork work;
  /// May change the config; the image then has a config of its own in the store.
  std::function<void(ImageConfig&)> edit;
};

/// Brings in all that `text` (the content that `top` names) leads to, for the platform, and
/// publishes it as `name`. Every piece is checked against its digest and size.
Result<Image> Assemble(IncomingImage& incoming, ContentSource& content, const Reference& name,
                       const Digest& top, const std::string& text, const AssembleOptions& options);

/// `content` if it has the digest.
Result<std::string> Verified(std::string content, const Digest& digest);

}  // namespace berth::agent::images
