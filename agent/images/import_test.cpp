#include "agent/images/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "agent/images/digest.h"
#include "agent/images/test_images.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

class ImportTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  Result<Image> Run(const std::string& path, const ImportOptions& options) {
    auto store = Store::Open(Path("store"));
    EXPECT_TRUE(store);
    return Import(*store, path, options);
  }
  std::string Error(const std::string& path, const ImportOptions& options) {
    const auto image = Run(path, options);
    return image ? "none" : image.error().message();
  }
  std::string Path(const std::string& name) { return temp_.path() + "/" + name; }
  std::string Put(const std::string& name, std::string_view content) {
    EXPECT_TRUE(ReplaceFile(Path(name), content));
    return Path(name);
  }

  TempDir temp_;
};

const std::string kRootfs = TarBuilder().Dir("./").File("./bin/sh", "shell", 0755).Finish();

// A docker save archive, its manifest.json last as Docker writes it.
std::string DockerSave(const std::string& layer, const std::string& tags) {
  const std::string config =
      R"({"architecture":"","os":"linux","config":{"Cmd":["sh"],"Env":["A=1"]},)"
      R"("rootfs":{"type":"layers","diff_ids":[")" +
      Digest::Of(layer).ToString() + R"("]}})";
  const std::string name = Digest::Of(config).hex() + ".json";
  const std::string manifest =
      R"([{"Config":")" + name + R"(","RepoTags":)" + tags + R"(,"Layers":["layer/layer.tar"]}])";
  return TarBuilder()
      .File(name, config)
      .File("layer/layer.tar", layer)
      .File("manifest.json", manifest)
      .Finish();
}

TEST_F(ImportTest, TakesARootFileSystemTarOfAnyCompression) {
  for (const std::string& content : {kRootfs, Gzip(kRootfs), Zstd(kRootfs)}) {
    const auto image =
        Run(Put("rootfs", content), {.name = "web:1", .entrypoint = {{"/bin/sh"}}, .env = {"A=b"}});
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->name, "web:1");
    EXPECT_EQ(image->config.entrypoint, std::vector<std::string>{"/bin/sh"});
    EXPECT_EQ(image->config.env, std::vector<std::string>{"A=b"});
    EXPECT_EQ(image->config.architecture, Platform::Host().architecture);
    EXPECT_EQ(ReadFile(image->layers.at(0) + "/bin/sh").value(), "shell");
  }
}

TEST_F(ImportTest, TakesARootFileSystemDirectoryAsItIs) {
  const std::string root = Path("root");
  ASSERT_TRUE(sys::MakeDirectories(root + "/bin/sub", 0755));
  Put("root/bin/a", std::string(100'000, 'a'));
  Put("root/bin/b", "b");
  Put("root/bin/" + std::string(200, 'n'), "long");
  ASSERT_EQ(::link((root + "/bin/a").c_str(), (root + "/bin/z").c_str()), 0);
  ASSERT_EQ(::symlink("../bin/a", (root + "/bin/link").c_str()), 0);
  ASSERT_EQ(::mkfifo((root + "/pipe").c_str(), 0600), 0);
  ASSERT_EQ(::chmod((root + "/bin/b").c_str(), 04755), 0);
  ASSERT_EQ(::lchown((root + "/bin/link").c_str(), 5, 6), 0);
  ASSERT_EQ(::setxattr((root + "/bin/b").c_str(), "user.note", "hi", 2, 0), 0);
  const auto image = Run(root, {.name = "root"});
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(Listing(image->layers.at(0)), Listing(root));
  struct stat first;
  struct stat second;
  ASSERT_EQ(::stat((image->layers[0] + "/bin/a").c_str(), &first), 0);
  ASSERT_EQ(::stat((image->layers[0] + "/bin/z").c_str(), &second), 0);
  EXPECT_EQ(first.st_ino, second.st_ino);
  char note[8];
  EXPECT_EQ(::getxattr((image->layers[0] + "/bin/b").c_str(), "user.note", note, sizeof note), 2);
  // The same tree again is the same image.
  EXPECT_EQ(Run(root, {.name = "again"})->layers, image->layers);
}

TEST_F(ImportTest, TakesWhatDockerSaves) {
  for (const bool compressed : {false, true}) {
    const std::string save = DockerSave(kRootfs, R"(["web:1"])");
    const auto image = Run(Put("save", compressed ? Gzip(save) : save), {});
    ASSERT_TRUE(image) << image.error().message();
    EXPECT_EQ(image->name, "web:1");
    EXPECT_EQ(image->config.cmd, std::vector<std::string>{"sh"});
    EXPECT_EQ(ReadFile(image->layers.at(0) + "/bin/sh").value(), "shell");
  }
}

TEST_F(ImportTest, ReplacesWhatTheImageSays) {
  const auto image = Run(Put("save", DockerSave(kRootfs, "null")), {.name = "other:2",
                                                                    .entrypoint = {{"/init"}},
                                                                    .user = "app",
                                                                    .workingDir = "/srv",
                                                                    .env = {"A=2", "B=3"}});
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->name, "other:2");
  EXPECT_EQ(image->config.user, "app");
  EXPECT_EQ(image->config.workingDir, "/srv");
  EXPECT_THAT(image->config.cmd, testing::IsEmpty());  // it was made for another entry point
  EXPECT_THAT(image->config.env, testing::ElementsAre("A=2", "B=3"));
}

TEST_F(ImportTest, TakesAnOciLayoutAsATar) {
  WriteLayout(Path("layout"), {{.tar = kRootfs}});
  TarBuilder tar;
  tar.Dir("blobs/").Dir("blobs/sha256/");
  const auto blobs = ListDirectory(Path("layout/blobs/sha256"));
  for (const std::string& name : *blobs) {
    tar.File("blobs/sha256/" + name, ReadFile(Path("layout/blobs/sha256/") + name).value());
  }
  for (const char* name : {"index.json", "oci-layout"}) {
    tar.File(name, ReadFile(Path("layout/") + name).value());
  }
  const auto image = Run(Put("layout.tar.zst", Zstd(tar.Finish())), {.name = "oci"});
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(ReadFile(image->layers.at(0) + "/bin/sh").value(), "shell");
}

TEST_F(ImportTest, SaysWhatItCanNotTake) {
  const std::string text = Put("text", std::string(2000, 'x'));
  EXPECT_EQ(Error(text, {.name = "a"}),
            "import " + text +
                ": neither an image nor a root file system: a tar header's checksum is wrong");
  const std::string none = Put("none", "");
  EXPECT_EQ(Error(none, {.name = "a"}),
            "import " + none + ": neither an image nor a root file system: the archive is empty");
  EXPECT_EQ(Error(Path("missing"), {.name = "a"}),
            "import " + Path("missing") + ": No such file or directory");
  EXPECT_EQ(Error(Put("rootfs", kRootfs), {}),
            "import " + Path("rootfs") + ": a root file system needs a name for its image");
  EXPECT_EQ(Error(Put("save", DockerSave(kRootfs, "[]")), {}),
            "import " + Path("save") + ": the archive gives its image no name; one is needed");
}

TEST_F(ImportTest, RefusesAnotherPlatformAndAWrongCount) {
  WriteLayout(Path("layout"), {{.tar = kRootfs}}, "sparc");
  EXPECT_EQ(
      Error(Path("layout"), {.name = "a", .platform = {.architecture = "amd64"}}),
      "import " + Path("layout") + ": there is no image for linux/amd64, only for linux/sparc");
}

TEST_F(ImportTest, RefusesAManifestThatIsNotWhatTheIndexNames) {
  WriteLayout(Path("layout"), {{.tar = kRootfs}});
  std::string manifest;
  const auto blobs = ListDirectory(Path("layout/blobs/sha256"));
  for (const std::string& name : *blobs) {
    const std::string path = Path("layout/blobs/sha256/") + name;
    const std::string content = ReadFile(path).value();
    if (content.find("schemaVersion") == std::string::npos) continue;
    manifest = name;
    Put("layout/blobs/sha256/" + name, content + " ");
  }
  const std::string found =
      Digest::Of(ReadFile(Path("layout/blobs/sha256/") + manifest).value()).ToString();
  EXPECT_EQ(Error(Path("layout"), {.name = "a"}),
            fmt::format("import {}: manifest sha256:{}: has the wrong content: its digest is {}",
                        Path("layout"), manifest, found));
}

}  // namespace
}  // namespace berth::agent::images
