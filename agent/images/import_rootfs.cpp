#include "agent/images/import_kinds.h"
#include "agent/images/manifest.h"

namespace berth::agent::images {

Result<Image> ImportRootfs(IncomingImage& incoming, const std::string& path,
                           const std::function<Result<std::unique_ptr<ByteSource>>()>& open,
                           const ImportOptions& options) {
  if (options.name.empty()) return MakeError("a root file system needs a name for its image");
  const Reference name = TRY(Reference::Parse(options.name));
  const IncomingLayer layer = {.id = path, .open = open};
  ConfigDocument document = {
      .config = {.architecture = options.platform.architecture, .os = options.platform.os}};
  Edit(options, document.config);
  document.diff_ids = TRY(incoming.AddLayers({&layer, 1}, WorkOf(options)));
  const std::string text = WriteConfigDocument(document);
  const Digest config = TRY(incoming.AddBlob(text));
  const Digest manifest =
      TRY(incoming.AddBlob(WriteManifest(config, text.size(), document.diff_ids)));
  return incoming.Publish(name, manifest, manifest, config);
}

}  // namespace berth::agent::images
