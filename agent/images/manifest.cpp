#include "agent/images/manifest.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
constexpr std::string_view kDockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
constexpr std::string_view kOciLayer = "application/vnd.oci.image.layer.v1.tar";
constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

}  // namespace

static void ReadJson(const JsonReader& in, Platform& out) {
  in.Read("os", out.os);
  in.Read("architecture", out.architecture);
  in.Read("variant", out.variant);
}

static void ReadJson(const JsonReader& in, Descriptor& out) {
  std::string digest;
  in.Read("mediaType", out.mediaType);
  in.Require("digest", digest);
  in.Read("annotations", out.annotations);
  in.Read("platform", out.platform);
  if (const auto size = in.Find("size")) {
    out.size = static_cast<uint64_t>(size->Integer(0, INT64_MAX));
  } else {
    in.Complain("size is required");
  }
  auto parsed = Digest::Parse(digest);
  if (parsed) {
    out.digest = std::move(*parsed);
  } else if (!digest.empty()) {
    in.Complain(parsed.error().message());
  }
}

Result<std::variant<Manifest, Index>> ParseManifest(std::string_view json) {
  const Json document = TRY(ParseJson(json).Context("manifest"));
  JsonProblems problems;
  const JsonReader in(document, problems);
  if (in.Find("fsLayers")) {
    return MakeError("a schema 1 manifest: push the image again with a registry client of today");
  }
  if (const auto version = in.Find("schemaVersion"); version && version->Integer(1, 99) != 2) {
    in.Complain("schemaVersion must be 2");
  }
  std::variant<Manifest, Index> out;
  if (in.Find("manifests")) {
    in.Require("manifests", out.emplace<Index>().manifests);
  } else if (in.Find("layers")) {
    auto& manifest = std::get<Manifest>(out);
    in.Require("config", manifest.config);
    in.Require("layers", manifest.layers);
  } else if (in.IsObject()) {
    in.Complain("it has neither layers nor manifests");
  }
  TRY(problems.Check().Context("manifest"));
  return out;
}

Result<Descriptor> Select(const Index& index, const Platform& platform) {
  std::vector<std::string> others;
  for (const Descriptor& manifest : index.manifests) {
    if (!manifest.platform) continue;
    const Platform& has = *manifest.platform;
    // Attestations stand in indexes as images for a platform "unknown".
    if (has.os == "unknown") continue;
    const bool same_variant =
        platform.variant.empty() || has.variant.empty() || has.variant == platform.variant;
    if (has.os == platform.os && has.architecture == platform.architecture && same_variant) {
      return manifest;
    }
    others.push_back(has.ToString());
  }
  if (others.empty() && index.manifests.size() == 1) return index.manifests.front();
  return MakeError("there is no image for {}, only for {}", platform.ToString(),
                   others.empty() ? "nothing" : Join(others, ", "));
}

Result<Compression> LayerCompression(const std::string& media_type) {
  std::string_view rest = media_type;
  if (rest.starts_with(kOciLayer)) {
    rest.remove_prefix(kOciLayer.size());
  } else if (rest.starts_with(kDockerLayer)) {
    rest.remove_prefix(kDockerLayer.size());
  } else {
    return MakeError("layers of type \"{}\" are not supported", media_type);
  }
  if (rest.empty()) return Compression::kNone;
  if (rest == "+gzip" || rest == ".gzip") return Compression::kGzip;
  if (rest == "+zstd" || rest == ".zstd") return Compression::kZstd;
  return MakeError("layers of type \"{}\" are not supported", media_type);
}

std::string WriteManifest(const Digest& config, uint64_t config_size,
                          const std::vector<Digest>& diff_ids) {
  Json layers = Json::array();
  for (const Digest& diff_id : diff_ids) {
    layers.push_back({{"mediaType", kOciLayer}, {"digest", diff_id.ToString()}, {"size", 0}});
  }
  Json out = {{"schemaVersion", 2}, {"mediaType", kOciManifest}};
  out["config"] = {{"mediaType", kOciConfig}, {"digest", config.ToString()}, {"size", config_size}};
  out["layers"] = std::move(layers);
  return DumpJson(out);
}

std::string AcceptedManifests() {
  return Join({std::string(kOciIndex), std::string(kDockerList), std::string(kOciManifest),
               std::string(kDockerManifest)},
              ", ");
}

}  // namespace berth::agent::images
