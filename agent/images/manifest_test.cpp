#include "agent/images/manifest.h"

#include <gtest/gtest.h>

namespace berth::agent::images {
namespace {

const std::string kDigest = "sha256:" + std::string(64, 'a');

std::string Problem(std::string_view json) {
  const auto parsed = ParseManifest(json);
  return parsed ? "none" : parsed.error().message();
}

TEST(Manifest, TellsManifestsFromIndexesByTheirContent) {
  const std::string descriptor = R"({"digest":")" + kDigest + R"(","size":1})";
  const auto manifest = ParseManifest(R"({"schemaVersion":2,"config":)" + descriptor +
                                      R"(,"layers":[)" + descriptor + "]}");
  ASSERT_TRUE(manifest) << manifest.error().message();
  EXPECT_EQ(std::get<Manifest>(*manifest).layers.at(0).digest.ToString(), kDigest);
  const auto index = ParseManifest(R"({"schemaVersion":2,"manifests":[)" + descriptor + "]}");
  ASSERT_TRUE(index);
  EXPECT_EQ(std::get<Index>(*index).manifests.size(), 1u);
}

TEST(Manifest, SaysWhereItIsWrong) {
  EXPECT_EQ(Problem("{"), "manifest: not valid JSON at line 1 column 2");
  EXPECT_EQ(Problem("{}"), "manifest: it has neither layers nor manifests");
  EXPECT_EQ(Problem("[]"), "manifest: must be an object, not array");
  EXPECT_EQ(Problem(R"({"schemaVersion":1,"fsLayers":[]})"),
            "a schema 1 manifest: push the image again with a registry client of today");
  EXPECT_EQ(Problem(R"({"schemaVersion":3,"manifests":[]})"), "manifest: schemaVersion must be 2");
  EXPECT_EQ(Problem(R"({"schemaVersion":2,"manifests":[{"digest":"sha256:1","size":-1}]})"),
            "manifest: manifests[0].size: must be from 0 to 9223372036854775807, not -1\n"
            "manifests[0]: digest \"sha256:1\" must have 64 lower-case hexadecimal digits");
  EXPECT_EQ(Problem(R"({"schemaVersion":2,"manifests":[{"size":1}]})"),
            "manifest: manifests[0]: digest is required");
}

TEST(Manifest, SelectsByPlatform) {
  const auto entry = [](std::string os, std::string architecture, std::string variant, char digit) {
    return Descriptor{
        .digest = *Digest::Parse("sha256:" + std::string(64, digit)),
        .platform = Platform{.os = os, .architecture = architecture, .variant = variant}};
  };
  const Index index = {
      .manifests = {entry("unknown", "unknown", "", '0'), entry("linux", "arm", "v6", '1'),
                    entry("linux", "arm", "v7", '2'), entry("linux", "amd64", "", '3')}};
  EXPECT_EQ(Select(index, {.architecture = "amd64"})->digest.hex().front(), '3');
  EXPECT_EQ(Select(index, {.architecture = "arm", .variant = "v7"})->digest.hex().front(), '2');
  EXPECT_EQ(Select(index, {.architecture = "arm64"}).error().message(),
            "there is no image for linux/arm64, only for linux/arm/v6, linux/arm/v7, linux/amd64");
  EXPECT_EQ(Select({}, {.architecture = "arm64"}).error().message(),
            "there is no image for linux/arm64, only for nothing");
}

TEST(Manifest, KnowsTheTypesOfLayers) {
  EXPECT_EQ(*LayerCompression("application/vnd.oci.image.layer.v1.tar"), Compression::kNone);
  EXPECT_EQ(*LayerCompression("application/vnd.oci.image.layer.v1.tar+zstd"), Compression::kZstd);
  EXPECT_EQ(*LayerCompression("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            Compression::kGzip);
  EXPECT_FALSE(LayerCompression("application/vnd.oci.image.layer.v1.tar+encrypted"));
  EXPECT_FALSE(LayerCompression(""));
}

TEST(Manifest, ReadsWhatItWrites) {
  const Digest digest = Digest::Of("x");
  const auto parsed = ParseManifest(WriteManifest(digest, 7, {digest, digest}));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<Manifest>(*parsed).config.size, 7u);
  EXPECT_EQ(std::get<Manifest>(*parsed).layers.size(), 2u);
}

}  // namespace
}  // namespace berth::agent::images
