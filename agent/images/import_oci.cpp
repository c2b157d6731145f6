#include <nlohmann/json.hpp>

#include "agent/images/assemble.h"
#include "agent/images/import_kinds.h"
#include "agent/images/manifest.h"
#include "base/json_reader.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr const char* kRefName = "org.opencontainers.image.ref.name";

std::string BlobName(const Digest& digest) { return "blobs/sha256/" + digest.hex(); }

class LayoutContent : public ContentSource {
 public:
  explicit LayoutContent(const FileSet& files) : files_(files) {}

  Result<std::string> ManifestText(const Descriptor& descriptor) override {
    return ReadWhole(files_, BlobName(descriptor.digest), kLargestManifest);
  }
  Result<std::unique_ptr<ByteSource>> Blob(const Descriptor& descriptor) override {
    return files_.Open(BlobName(descriptor.digest));
  }

 private:
  const FileSet& files_;
};

std::string RefName(const Descriptor& descriptor) {
  const auto found = descriptor.annotations.find(kRefName);
  return found == descriptor.annotations.end() ? "" : found->second;
}

Result<void> CheckVersion(const FileSet& files) {
  const std::string text = TRY(ReadWhole(files, "oci-layout", kLargestManifest));
  const Json document = TRY(ParseJson(text).Context("oci-layout"));
  JsonProblems problems;
  std::string version;
  JsonReader(document, problems).Require("imageLayoutVersion", version);
  TRY(problems.Check().Context("oci-layout"));
  if (version == "1.0.0") return {};
  return MakeError("oci-layout: imageLayoutVersion {} is not supported, only 1.0.0",
                   QuoteJson(version));
}

// The image that is meant: the only one, the one whose name is the wanted tag, or the only one for
// the platform.
Result<Descriptor> Choose(const Index& index, const ImportOptions& options) {
  if (index.manifests.empty()) return MakeError("index.json has no images");
  if (index.manifests.size() == 1) return index.manifests.front();
  const std::string tag = options.name.empty() ? "" : TRY(Reference::Parse(options.name)).tag();
  std::vector<std::string> names;
  for (const Descriptor& manifest : index.manifests) {
    const std::string name = RefName(manifest);
    if (!name.empty() && (name == tag || name == options.name)) return manifest;
    if (!name.empty()) names.push_back(name);
  }
  if (names.empty()) return Select(index, options.platform).Context("index.json");
  return MakeError("index.json has {} images; give the tag of one: {}", index.manifests.size(),
                   Join(names, ", "));
}

}  // namespace

Result<Image> ImportOciLayout(IncomingImage& incoming, const FileSet& files,
                              const ImportOptions& options) {
  TRY(CheckVersion(files));
  const std::string text = TRY(ReadWhole(files, "index.json", kLargestManifest));
  const auto parsed = TRY(ParseManifest(text).Context("index.json"));
  const auto* index = std::get_if<Index>(&parsed);
  if (index == nullptr) return MakeError("index.json is no index");
  const Descriptor chosen = TRY(Choose(*index, options));
  const std::string given = options.name.empty() ? RefName(chosen) : options.name;
  if (given.empty()) return MakeError("index.json gives its image no name; one is needed");
  const Reference name = TRY(Reference::Parse(given));
  LayoutContent content(files);
  const std::string context = fmt::format("manifest {}", chosen.digest.ToString());
  std::string top = TRY(content.ManifestText(chosen).Context("{}", context));
  top = TRY(Verified(std::move(top), chosen.digest).Context("{}", context));
  return Assemble(incoming, content, name, chosen.digest, top,
                  {.platform = options.platform,
                   .work = WorkOf(options),
                   .edit = [&](ImageConfig& config) { Edit(options, config); }});
}

}  // namespace berth::agent::images
