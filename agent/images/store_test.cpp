#include "agent/images/store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "agent/images/import.h"
#include "agent/images/test_images.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::agent::images {
namespace {

class StoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  }

  Store Open() {
    auto store = Store::Open(temp_.path() + "/store");
    EXPECT_TRUE(store);
    return *store;
  }

  // An image whose layers each hold one file with the text given.
  Result<Image> Add(const std::string& name, const std::vector<std::string>& texts) {
    std::vector<TestLayer> layers;
    for (const std::string& text : texts) {
      layers.push_back({.tar = TarBuilder().File("file", text).Finish()});
    }
    const std::string layout = temp_.path() + "/layout-" + std::to_string(++layouts_);
    WriteLayout(layout, layers);
    Store store = Open();
    return Import(store, layout, {.name = name});
  }

  std::vector<std::string> Layers() {
    return ListDirectory(temp_.path() + "/store/layers").value();
  }
  std::vector<std::string> Blobs() {
    return ListDirectory(temp_.path() + "/store/blobs/sha256").value();
  }

  TempDir temp_;
  int layouts_ = 0;
};

TEST_F(StoreTest, FindsWhatWasAdded) {
  const auto added = Add("web:1", {"lower", "upper"});
  ASSERT_TRUE(added) << added.error().message();
  const auto found = Open().Find("docker.io/library/web:1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "web:1");
  EXPECT_EQ(found->digest, added->digest);
  EXPECT_EQ(found->config.cmd, std::vector<std::string>{"/bin/sh"});
  EXPECT_EQ(found->size, 10u);
  ASSERT_EQ(found->layers.size(), 2u);
  EXPECT_EQ(ReadFile(found->layers[0] + "/file").value(), "lower");
  EXPECT_EQ(ReadFile(found->layers[1] + "/file").value(), "upper");
}

TEST_F(StoreTest, SaysHowToGetWhatIsNotThere) {
  const auto found = Open().Find("web:1");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message(), "image web:1 is not here; berth pull or berth import it");
  EXPECT_TRUE(found.error().Is(ENOENT));
  EXPECT_EQ(Open().Remove("web:1", {}).error().message(), "image web:1 is not here");
}

TEST_F(StoreTest, ListsImagesByName) {
  ASSERT_TRUE(Add("b:1", {"x"}));
  ASSERT_TRUE(Add("a:1", {"y"}));
  const auto images = Open().List();
  ASSERT_TRUE(images);
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ((*images)[0].name, "a:1");
  EXPECT_EQ((*images)[1].name, "b:1");
}

TEST_F(StoreTest, SharesLayersAndKeepsWhatOthersNeed) {
  ASSERT_TRUE(Add("a:1", {"shared", "a"}));
  ASSERT_TRUE(Add("b:1", {"shared", "b"}));
  EXPECT_EQ(Layers().size(), 3u);
  ASSERT_TRUE(Open().Remove("a:1", {}));
  EXPECT_EQ(Layers().size(), 2u);
  EXPECT_TRUE(Open().Find("b:1"));
  ASSERT_TRUE(Open().Remove("b:1", {}));
  EXPECT_THAT(Layers(), testing::IsEmpty());
  EXPECT_THAT(Blobs(), testing::IsEmpty());
}

TEST_F(StoreTest, KeepsLayersInUseUntilTheyAreNot) {
  const auto image = Add("a:1", {"x", "y"});
  ASSERT_TRUE(image);
  ASSERT_TRUE(Open().Remove("a:1", image->layers));
  EXPECT_EQ(Layers().size(), 2u);
  EXPECT_FALSE(Open().Find("a:1"));
  ASSERT_TRUE(Open().Collect({}));
  EXPECT_THAT(Layers(), testing::IsEmpty());
}

TEST_F(StoreTest, CollectsNothingWhileHeld) {
  ASSERT_TRUE(Add("a:1", {"x"}));
  {
    const auto hold = Open().Hold();
    ASSERT_TRUE(Open().Remove("a:1", {}));
    EXPECT_EQ(Layers().size(), 1u);
  }
  ASSERT_TRUE(Open().Collect({}));
  EXPECT_THAT(Layers(), testing::IsEmpty());
}

TEST_F(StoreTest, ListsALayerThatAnImageHasTwiceOnce) {
  const auto image = Add("a:1", {"x", "y", "x"});
  ASSERT_TRUE(image) << image.error().message();
  ASSERT_EQ(image->layers.size(), 2u);
  EXPECT_EQ(ReadFile(image->layers[1] + "/file").value(), "x");
  EXPECT_EQ(image->size, 2u);
}

TEST_F(StoreTest, GivesANameToAnotherImage) {
  ASSERT_TRUE(Add("a:1", {"old"}));
  const auto second = Add("a:1", {"new"});
  ASSERT_TRUE(second);
  EXPECT_EQ(Open().Find("a:1")->digest, second->digest);
  ASSERT_TRUE(Open().Collect({}));
  EXPECT_EQ(Layers().size(), 1u);
}

TEST_F(StoreTest, SweepsOnlyWhatTheDeadLeft) {
  Open();
  const std::string layers = temp_.path() + "/store/layers";
  for (const char* name : {"/.partial-dead", "/.partial-alive"}) {
    ASSERT_EQ(::mkdir((layers + name).c_str(), 0700), 0);
    ASSERT_TRUE(ReplaceFile(layers + name + "/file", "x"));
  }
  ASSERT_TRUE(ReplaceFile(temp_.path() + "/store/new/left", "x"));
  const auto owner = sys::Open(layers + "/.partial-alive", O_RDONLY);
  ASSERT_EQ(::flock(owner->get(), LOCK_EX), 0);
  Open();
  EXPECT_THAT(Layers(), testing::ElementsAre(".partial-alive"));
  EXPECT_FALSE(Exists(temp_.path() + "/store/new/left"));
}

TEST_F(StoreTest, TellsOfADamagedConfig) {
  ASSERT_TRUE(Add("a:1", {"x"}));
  for (const std::string& blob : Blobs()) {
    ASSERT_TRUE(ReplaceFile(temp_.path() + "/store/blobs/sha256/" + blob, "{}"));
  }
  const auto found = Open().Find("a:1");
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message(), testing::HasSubstr("is damaged: its digest is not sha256:"));
}

// Several at once make the same image: each layer is unpacked once, and all of them have it.
TEST_F(StoreTest, LetsManyAddTheSameAtOnce) {
  std::vector<TestLayer> layers;
  for (int i = 0; i < 8; ++i) {
    layers.push_back({.tar = TarBuilder().File("file", std::string(100'000, 'a' + i)).Finish()});
  }
  WriteLayout(temp_.path() + "/layout", layers);
  std::vector<std::thread> threads;
  std::atomic<int> done = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto store = Store::Open(temp_.path() + "/store");
      const auto image =
          Import(*store, temp_.path() + "/layout", {.name = fmt::format("same:{}", i)});
      if (image && image->layers.size() == 8) ++done;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 6);
  EXPECT_EQ(Layers().size(), 8u);
  EXPECT_THAT(Layers(), testing::Not(testing::Contains(testing::HasSubstr("partial"))));
}

// Killed after each step of the making, then made again: whole, and nothing else is there.
TEST_F(StoreTest, RecoversFromAKillAtEachStep) {
  const std::string layout = temp_.path() + "/layout";
  WriteLayout(layout, {{.tar = TarBuilder().File("file", "lower").Finish()},
                       {.tar = TarBuilder().File("file", "upper").Finish()}});
  for (const char* point :
       {"layer.claim", "layer.unpack", "layer.sync", "layer.commit", "image.blobs", "image.name"}) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("BERTH_KILL_AT", point, 1);
      auto store = Store::Open(temp_.path() + "/store");
      ::_exit(store && Import(*store, layout, {.name = "a:1"}) ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
#ifdef BERTH_FAULT_POINTS
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point;
#endif
    Store store = Open();
    EXPECT_THAT(Layers(), testing::Not(testing::Contains(testing::HasSubstr("partial")))) << point;
    const auto image = Import(store, layout, {.name = "a:1"});
    ASSERT_TRUE(image) << point << ": " << image.error().message();
    EXPECT_EQ(Layers().size(), 2u) << point;
    ASSERT_TRUE(store.Remove("a:1", {}));
    EXPECT_THAT(Layers(), testing::IsEmpty()) << point;
    EXPECT_THAT(Blobs(), testing::IsEmpty()) << point;
  }
}

}  // namespace
}  // namespace berth::agent::images
