#include "agent/images/assemble.h"

#include "agent/images/sources.h"
#include "base/format.h"

namespace berth::agent::images {
namespace {

Result<std::string> ReadConfig(ContentSource& content, const Descriptor& config) {
  if (config.size > kLargestConfig) return MakeError("larger than {} bytes", kLargestConfig);
  const auto source = TRY(content.Blob(config));
  std::string text = TRY(ReadAll(*source, kLargestConfig));
  return Verified(std::move(text), config.digest);
}

Result<std::vector<IncomingLayer>> LayersOf(ContentSource& content, const Manifest& manifest,
                                            const ConfigDocument& config) {
  if (manifest.layers.size() != config.diff_ids.size()) {
    return MakeError("the manifest has {} layers, the config {}", manifest.layers.size(),
                     config.diff_ids.size());
  }
  std::vector<IncomingLayer> layers;
  for (size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& layer = manifest.layers[i];
    const std::string id = layer.digest.ToString();
    const Compression compression = TRY(LayerCompression(layer.mediaType).Context("layer {}", id));
    layers.push_back({.id = id,
                      .blob = layer.digest,
                      .diff_id = config.diff_ids[i],
                      .size = layer.size,
                      .compression = compression,
                      .open = [&content, layer] { return content.Blob(layer); }});
  }
  return layers;
}

Result<void> CheckPlatform(const ImageConfig& config, const Platform& platform) {
  const Platform has = {.os = config.os.empty() ? platform.os : config.os,
                        .architecture = config.architecture};
  if (config.architecture.empty() ||
      (has.os == platform.os && has.architecture == platform.architecture)) {
    return {};
  }
  return MakeError("there is no image for {}, only for {}", platform.ToString(), has.ToString());
}

}  // namespace

Result<std::string> Verified(std::string content, const Digest& digest) {
  const Digest found = Digest::Of(content);
  if (found == digest) return content;
  return MakeError("has the wrong content: its digest is {}", found.ToString());
}

Result<Image> Assemble(IncomingImage& incoming, ContentSource& content, const Reference& name,
                       const Digest& top, const std::string& text, const AssembleOptions& options) {
  auto parsed = TRY(ParseManifest(text));
  TRY(incoming.AddBlob(text));
  Digest manifest_digest = top;
  if (const auto* index = std::get_if<Index>(&parsed)) {
    const Descriptor chosen = TRY(Select(*index, options.platform));
    manifest_digest = chosen.digest;
    const std::string context = fmt::format("manifest {}", chosen.digest.ToString());
    std::string inner = TRY(content.ManifestText(chosen).Context("{}", context));
    inner = TRY(Verified(std::move(inner), chosen.digest).Context("{}", context));
    parsed = TRY(ParseManifest(inner).Context("{}", context));
    TRY(incoming.AddBlob(inner));
  }
  const auto* manifest = std::get_if<Manifest>(&parsed);
  if (manifest == nullptr) return MakeError("an index of indexes is not supported");

  const std::string config_text =
      TRY(ReadConfig(content, manifest->config)
              .Context("config {}", manifest->config.digest.ToString()));
  ConfigDocument config = TRY(ParseConfigDocument(config_text));
  TRY(CheckPlatform(config.config, options.platform));
  const auto layers = TRY(LayersOf(content, *manifest, config));
  TRY(incoming.AddLayers(layers, options.work));

  const ImageConfig before = config.config;
  if (options.edit) options.edit(config.config);
  const bool edited = config.config != before;
  const Digest config_digest =
      TRY(incoming.AddBlob(edited ? WriteConfigDocument(config) : config_text));
  return incoming.Publish(name, top, manifest_digest, config_digest);
}

}  // namespace berth::agent::images
