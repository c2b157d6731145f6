// Images made to break out, to fill the disk or to pass for others: each is refused with a sentence
// that names the layer and the entry, and leaves nothing in the store nor outside of it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <functional>

#include "agent/images/import.h"
#include "agent/images/store.h"
#include "agent/images/test_images.h"
#include "base/files.h"

namespace berth::agent::images {
namespace {

constexpr std::string_view kCanary = "nobody writes here";

struct Hostile {
  const char* name;
  // Given the directory of the canary.
  std::function<TestLayer(const std::string&)> make;
  std::string error;  // after "import <path>: layer <digest>: "; "<dir>" is the canary's directory
};

TestLayer Tar(const TarBuilder& tar) { return {.tar = tar.Finish()}; }

const std::string kLongName(300, 'n');
const std::string kOtherBlob = "\x1f\x8b not what was asked for";
const std::string kZeros = "sha256:" + std::string(64, '0');

const Hostile kHostile[] = {
    {"DotDotName", [](auto&) { return Tar(TarBuilder().File("../canary", "x")); },
     "\"../canary\": the name leads out of the layer"},
    {"DotDotInTheMiddle", [](auto&) { return Tar(TarBuilder().File("a/../../../canary", "x")); },
     "\"a/../../../canary\": the name leads out of the layer"},
    {"AbsoluteNameWithDotDot", [](auto&) { return Tar(TarBuilder().File("/../../canary", "x")); },
     "\"/../../canary\": the name leads out of the layer"},
    {"DotDotInAPaxPath",
     [](auto&) {
       return Tar(TarBuilder().Pax({{"path", "../canary"}}).File("fine", "x"));
     },
     "\"../canary\": the name leads out of the layer"},
    {"DotDotInAGnuLongName",
     [](auto&) {
       return Tar(TarBuilder()
                      .Header({.type = 'L', .path = "././@LongLink", .size = 9})
                      .Raw(std::string("../canary") + std::string(503, '\0'))
                      .File("fine", "x"));
     },
     "\"../canary\": the name leads out of the layer"},
    {"DotDotDirectory", [](auto&) { return Tar(TarBuilder().Dir("../made")); },
     "\"../made\": the name leads out of the layer"},
    {"WriteThroughAnAbsoluteLink",
     [](auto& dir) { return Tar(TarBuilder().Symlink("out", dir).File("out/canary", "x")); },
     "\"out/canary\": \"out\" leads out of the layer through a symbolic link"},
    {"WriteThroughARelativeLink",
     [](auto&) {
       return Tar(TarBuilder().Symlink("out", "../../../../..").File("out/canary", "x"));
     },
     "\"out/canary\": \"out\" leads out of the layer through a symbolic link"},
    {"WriteThroughTwoLinks",
     [](auto& dir) {
       return Tar(TarBuilder()
                      .Symlink("first", dir)
                      .Symlink("second", "first")
                      .File("second/canary", "x"));
     },
     "\"second/canary\": \"second\" leads out of the layer through a symbolic link"},
    {"DirectoryThroughALink",
     [](auto& dir) { return Tar(TarBuilder().Symlink("out", dir).Dir("out/made/")); },
     "\"out/made/\": \"out\" leads out of the layer through a symbolic link"},
    {"ALoopOfLinks",
     [](auto&) {
       return Tar(TarBuilder().Symlink("a", "b").Symlink("b", "a").File("a/file", "x"));
     },
     "\"a/file\": \"a\" is a loop of symbolic links"},
    {"WhiteoutThroughALink",
     [](auto& dir) { return Tar(TarBuilder().Symlink("out", dir).File("out/.wh.canary", "")); },
     "\"out/.wh.canary\": \"out\" leads out of the layer through a symbolic link"},
    {"OpaqueThroughALink",
     [](auto& dir) { return Tar(TarBuilder().Symlink("out", dir).File("out/.wh..wh..opq", "")); },
     "\"out/.wh..wh..opq\": \"out\" leads out of the layer through a symbolic link"},
    {"WhiteoutOfTheParent", [](auto&) { return Tar(TarBuilder().File(".wh...", "")); },
     "\".wh...\": a whiteout of no name"},
    {"WhiteoutOfNothing", [](auto&) { return Tar(TarBuilder().File("a/.wh.", "")); },
     "\"a/.wh.\": a whiteout of no name"},
    {"WhiteoutAsADirectory", [](auto&) { return Tar(TarBuilder().File(".wh.a/b", "x")); },
     "\".wh.a/b\": a whiteout can't be a directory"},
    {"HardLinkOutByDotDot",
     [](auto&) { return Tar(TarBuilder().HardLink("link", "../../canary")); },
     "\"link\": hard link: the name leads out of the layer"},
    {"HardLinkToAnAbsoluteName",
     [](auto& dir) { return Tar(TarBuilder().HardLink("link", dir + "/canary")); },
     "\"link\": its target \"<dir>/canary\" is not in this layer"},
    {"HardLinkThroughALink",
     [](auto& dir) { return Tar(TarBuilder().Symlink("out", dir).HardLink("link", "out/canary")); },
     "\"link\": \"out\" leads out of the layer through a symbolic link"},
    {"HardLinkToNothing", [](auto&) { return Tar(TarBuilder().HardLink("link", "missing")); },
     "\"link\": its target \"missing\" is not in this layer"},
    {"HardLinkToItself", [](auto&) { return Tar(TarBuilder().HardLink("link", "./link")); },
     "\"link\": a hard link to itself"},
    {"HardLinkToADirectory",
     [](auto&) { return Tar(TarBuilder().Dir("dir/").HardLink("link", "dir")); },
     "\"link\": hard link to \"dir\": Operation not permitted"},
    {"BlockDevice",
     [](auto&) {
       return Tar(TarBuilder().Header({.type = '4', .path = "disk", .major = 8, .minor = 0}));
     },
     "\"disk\": device nodes are not allowed"},
    {"CharacterDevice",
     [](auto&) {
       return Tar(TarBuilder().Header({.type = '3', .path = "mem", .major = 1, .minor = 1}));
     },
     "\"mem\": device nodes are not allowed"},
    {"AWhiteoutAsADevice",
     [](auto&) { return Tar(TarBuilder().Header({.type = '3', .path = "etc/passwd"})); },
     "\"etc/passwd\": device nodes are not allowed"},
    {"DeviceBesideDev",
     [](auto&) { return Tar(TarBuilder().Header({.type = '4', .path = "dev2/sda", .major = 8})); },
     "\"dev2/sda\": device nodes are not allowed"},
    {"FileInPlaceOfTheRoot", [](auto&) { return Tar(TarBuilder().File("./", "x")); },
     "\"./\": the root of a layer must be a directory"},
    {"LinkInPlaceOfTheRoot", [](auto&) { return Tar(TarBuilder().Symlink(".", "/")); },
     "\".\": the root of a layer must be a directory"},
    {"FileInPlaceOfADirectory",
     [](auto&) { return Tar(TarBuilder().File("a/b", "x").File("a", "x")); },
     "\"a\": it would replace a directory of the same layer"},
    {"FileBelowAFile", [](auto&) { return Tar(TarBuilder().File("a", "x").File("a/b", "x")); },
     "\"a/b\": \"a\" is not a directory"},
    {"NameLongerThanTheKernelTakes",
     [](auto&) {
       return Tar(TarBuilder().Pax({{"path", kLongName}}).File("a", "x"));
     },
     "\"" + kLongName + "\": a name is longer than 255 bytes"},
    {"NameWithANul",
     [](auto&) {
       return Tar(TarBuilder().Pax({{"path", std::string("a\0b", 3)}}).File("a", "x"));
     },
     "\"a\\u0000b\": a name holds a NUL byte"},
    {"SparseFile",
     [](auto&) {
       return Tar(TarBuilder().Pax({{"GNU.sparse.major", "1"}}).File("a", "x"));
     },
     "\"a\": sparse files are not supported"},
    {"UnknownType", [](auto&) { return Tar(TarBuilder().Header({.type = 'Z', .path = "a"})); },
     "\"a\": unknown entry type \"Z\""},
    {"PaxRecordWithAWrongLength",
     [](auto&) {
       return Tar(TarBuilder()
                      .Header({.type = 'x', .path = "pax", .size = 11})
                      .Raw("99 path=../" + std::string(501, '\0'))
                      .File("a", "x"));
     },
     "an extended header is damaged"},
    {"HugePaxHeader",
     [](auto&) { return Tar(TarBuilder().Header({.type = 'x', .path = "pax", .size = 1 << 30})); },
     "an extended header is larger than 1 MiB"},
    {"MoreBytesThanAllowed",
     [](auto&) { return Tar(TarBuilder().Header({.path = "big", .size = 6 << 20})); },
     "\"big\": unpacks to more than 4194304 bytes"},
    {"ZerosWithoutEnd", [](auto&) { return TestLayer{.tar = std::string(8 << 20, '\0')}; },
     "unpacks to more than 4194304 bytes"},
    {"MoreEntriesThanAllowed",
     [](auto&) {
       TarBuilder tar;
       for (int i = 0; i < 101; ++i) tar.Dir(fmt::format("d{}", i));
       return Tar(tar);
     },
     "holds more than 100 entries"},
    {"CutInAHeader",
     [](auto&) { return TestLayer{.tar = TarBuilder().File("a", "x").bytes().substr(0, 300)}; },
     "the tar archive ends in the middle of a header"},
    {"CutInAFile",
     [](auto&) {
       return TestLayer{.tar =
                            TarBuilder().File("a", std::string(2000, 'x')).bytes().substr(0, 1500)};
     },
     "\"a\": the tar archive ends in the middle of an entry"},
    {"CutInTheGzipStream",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", std::string(2000, 'x')));
       layer.blob = Gzip(layer.tar);
       layer.blob.resize(layer.blob.size() - 6);
       return layer;
     },
     "the gzip stream ends too early"},
    {"WrongGzipChecksum",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", std::string(2000, 'x')));
       layer.blob = Gzip(layer.tar);
       layer.blob[layer.blob.size() - 8] ^= 1;
       return layer;
     },
     "the gzip checksum is wrong"},
    {"CutInTheZstdStream",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", std::string(2000, 'x')));
       layer.blob = Zstd(layer.tar);
       layer.blob.resize(layer.blob.size() - 6);
       layer.media_type = "application/vnd.oci.image.layer.v1.tar+zstd";
       return layer;
     },
     "the zstd stream ends too early"},
    {"SomethingAfterTheGzipStream",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.blob = Gzip(layer.tar) + "more";
       return layer;
     },
     "there is something else after the gzip stream"},
    {"SomethingAfterTheTarArchive",
     [](auto&) { return TestLayer{.tar = TarBuilder().File("a", "x").Finish() + "more"}; },
     "there is something else after the end of the tar archive"},
    {"WrongHeaderChecksum",
     [](auto&) {
       std::string tar = TarBuilder().File("a", "x").Finish();
       tar[1] = 'b';
       return TestLayer{.tar = tar};
     },
     "a tar header's checksum is wrong"},
    {"WrongDigest",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.blob = kOtherBlob;
       layer.digest = kZeros;
       return layer;
     },
     "has the wrong content: its digest is " + Digest::Of(kOtherBlob).ToString()},
    {"WrongDiffId",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.diff_id = kZeros;
       return layer;
     },
     "has the wrong content: unpacked its digest is " +
         Digest::Of(TarBuilder().File("a", "x").Finish()).ToString() + ", in the image's config " +
         kZeros},
    {"LargerThanItsManifestSays",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.size = 20;
       return layer;
     },
     "is larger than the 20 bytes that its manifest says"},
    {"SmallerThanItsManifestSays",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.blob = layer.tar;
       layer.media_type = "application/vnd.oci.image.layer.v1.tar";
       layer.size = 4096;
       return layer;
     },
     "ends after 2048 of 4096 bytes"},
    {"GzipCalledZstd",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.media_type = "application/vnd.oci.image.layer.v1.tar+zstd";
       return layer;
     },
     "its media type says zstd, its content is gzip"},
    {"ForeignLayer",
     [](auto&) {
       TestLayer layer = Tar(TarBuilder().File("a", "x"));
       layer.media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
       return layer;
     },
     "layers of type \"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip\" are not "
     "supported"},
};

class HostileLayer : public testing::TestWithParam<Hostile> {};

TEST_P(HostileLayer, IsRefusedAndLeavesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TempDir temp;
  const std::string outside = temp.path() + "/outside";
  const std::string layout = temp.path() + "/layout";
  ASSERT_EQ(::mkdir(outside.c_str(), 0755), 0);
  ASSERT_TRUE(ReplaceFile(outside + "/canary", kCanary));
  // A good layer below it goes as well: half an image is none.
  const TestLayer good = Tar(TarBuilder().File("good", "good"));
  const auto digests = WriteLayout(layout, {good, GetParam().make(outside)});
  auto store = Store::Open(outside + "/store");
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->Hold());  // makes the lock file
  const auto before = Listing(outside);

  const auto image =
      Import(*store, layout,
             {.name = "hostile:1", .unpack = {.limits = {.bytes = 4 << 20, .entries = 100}}});

  ASSERT_FALSE(image);
  std::string expected = GetParam().error;
  if (const size_t at = expected.find("<dir>"); at != std::string::npos) {
    expected.replace(at, 5, outside.substr(1));
  }
  expected = fmt::format("import {}: layer {}: {}", layout, digests[1], expected);
  EXPECT_EQ(image.error().message(), expected);
  EXPECT_EQ(Listing(outside), before);
  EXPECT_EQ(ReadFile(outside + "/canary").value(), kCanary);
}

INSTANTIATE_TEST_SUITE_P(, HostileLayer, testing::ValuesIn(kHostile),
                         [](const auto& info) { return info.param.name; });

// Absolute names are what some builders write: they mean the layer's own root.
TEST(AbsoluteNames, LandInTheLayer) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  const TempDir temp;
  ASSERT_TRUE(ReplaceFile(temp.path() + "/canary", kCanary));
  WriteLayout(temp.path() + "/layout", {Tar(TarBuilder()
                                                .File(temp.path() + "/canary", "x")
                                                .Symlink("etc", temp.path())
                                                .HardLink("link", temp.path() + "/canary"))});
  auto store = Store::Open(temp.path() + "/store");
  ASSERT_TRUE(store);
  const auto image = Import(*store, temp.path() + "/layout", {.name = "a"});
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(ReadFile(image->layers[0] + temp.path() + "/canary").value(), "x");
  EXPECT_EQ(ReadFile(temp.path() + "/canary").value(), kCanary);
}

}  // namespace
}  // namespace berth::agent::images
