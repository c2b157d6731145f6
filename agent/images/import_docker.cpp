#include <nlohmann/json.hpp>

#include "agent/images/assemble.h"
#include "agent/images/import_kinds.h"
#include "agent/images/manifest.h"
#include "base/json_reader.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

// One image of manifest.json.
struct SavedImage {
  std::string Config;
  std::vector<std::string> RepoTags;
  std::vector<std::string> Layers;
};

void ReadJson(const JsonReader& in, SavedImage& out) {
  in.Require("Config", out.Config);
  in.Read("RepoTags", out.RepoTags);
  in.Require("Layers", out.Layers);
}

bool HasName(const SavedImage& image, const Reference& name) {
  for (const std::string& tag : image.RepoTags) {
    const auto parsed = Reference::Parse(tag);
    if (parsed && *parsed == name) return true;
  }
  return false;
}

// The image that is meant: the only one, or the one of that name.
Result<SavedImage> Choose(const std::vector<SavedImage>& images, const std::string& name) {
  if (images.size() == 1) return images.front();
  std::vector<std::string> names;
  for (const SavedImage& image : images) {
    if (!name.empty() && HasName(image, TRY(Reference::Parse(name)))) return image;
    names.insert(names.end(), image.RepoTags.begin(), image.RepoTags.end());
  }
  return MakeError("it has {} images; give the name of one: {}", images.size(), Join(names, ", "));
}

Result<std::vector<SavedImage>> ReadManifest(const FileSet& files) {
  const std::string text = TRY(ReadWhole(files, "manifest.json", kLargestManifest));
  const Json document = TRY(ParseJson(text).Context("manifest.json"));
  JsonProblems problems;
  std::vector<SavedImage> images;
  ReadJson(JsonReader(document, problems), images);
  TRY(problems.Check().Context("manifest.json"));
  return images;
}

}  // namespace

Result<Image> ImportDockerArchive(IncomingImage& incoming, const FileSet& files,
                                  const ImportOptions& options) {
  const SavedImage image = TRY(Choose(TRY(ReadManifest(files)), options.name));
  if (options.name.empty() && image.RepoTags.empty()) {
    return MakeError("the archive gives its image no name; one is needed");
  }
  const Reference name =
      TRY(Reference::Parse(options.name.empty() ? image.RepoTags.front() : options.name));
  const std::string config_text = TRY(ReadWhole(files, image.Config, kLargestConfig));
  ConfigDocument document = TRY(ParseConfigDocument(config_text));
  if (document.diff_ids.size() != image.Layers.size()) {
    return MakeError("manifest.json has {} layers, {} has {}", image.Layers.size(), image.Config,
                     document.diff_ids.size());
  }
  std::vector<IncomingLayer> layers;
  for (size_t i = 0; i < image.Layers.size(); ++i) {
    const std::string& file = image.Layers[i];
    layers.push_back({.id = file, .diff_id = document.diff_ids[i], .open = [&files, file] {
                        return files.Open(file);
                      }});
  }
  TRY(incoming.AddLayers(layers, WorkOf(options)));
  const ImageConfig before = document.config;
  Edit(options, document.config);
  const bool edited = document.config != before;
  const std::string kept = edited ? WriteConfigDocument(document) : config_text;
  const Digest config = TRY(incoming.AddBlob(kept));
  const Digest manifest =
      TRY(incoming.AddBlob(WriteManifest(config, kept.size(), document.diff_ids)));
  return incoming.Publish(name, manifest, manifest, config);
}

}  // namespace berth::agent::images
