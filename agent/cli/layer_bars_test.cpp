#include "agent/cli/layer_bars.h"

#include <gmock/gmock.h>

namespace berth::agent::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using State = images::LayerProgress::State;
using std::chrono::milliseconds;

constexpr LayerBars::TimePoint kStart{};
constexpr uint64_t kMiB = 1 << 20;

images::LayerProgress Layer(char digit, State state, uint64_t done = 0, uint64_t total = 0) {
  return {.id = "sha256:" + std::string(64, digit),
          .state = state,
          .bytes_done = done,
          .bytes_total = total};
}

TEST(LayerBars, ShowsNameStateBarBytesAndRate) {
  LayerBars bars;
  bars.Update(Layer('a', State::kDownloading, 0, 40 * kMiB), kStart);
  bars.Update(Layer('a', State::kDownloading, 10 * kMiB, 40 * kMiB), kStart + milliseconds(500));
  EXPECT_THAT(bars.Lines(9, 120, Colours::kOff),
              ElementsAre("  aaaaaaaaaaaa  downloading  [========>                             ]  "
                          "10.0 MiB / 40.0 MiB    20.0 MiB/s"));
}

TEST(LayerBars, ANewLayerOrStateIsAChangeWorthAFrame) {
  LayerBars bars;
  EXPECT_EQ(bars.Update(Layer('a', State::kWaiting), kStart), LayerBars::Change::kState);
  EXPECT_EQ(bars.Update(Layer('a', State::kWaiting), kStart), LayerBars::Change::kBytes);
  EXPECT_EQ(bars.Update(Layer('a', State::kDone), kStart), LayerBars::Change::kState);
  EXPECT_EQ(bars.Update(Layer('b', State::kDone), kStart), LayerBars::Change::kState);
}

TEST(LayerBars, SmoothsTheRate) {
  LayerBars bars;
  bars.Update(Layer('a', State::kDownloading, 0, 100 * kMiB), kStart);
  bars.Update(Layer('a', State::kDownloading, 10 * kMiB, 100 * kMiB), kStart + milliseconds(1000));
  bars.Update(Layer('a', State::kDownloading, 10 * kMiB, 100 * kMiB), kStart + milliseconds(2000));
  EXPECT_THAT(bars.Lines(9, 120, Colours::kOff).front(), HasSubstr("  6.0 MiB/s"));
}

TEST(LayerBars, ALayerThatIsFetchedAgainStartsAtZero) {
  LayerBars bars;
  bars.Update(Layer('a', State::kDownloading, 50 * kMiB, 100 * kMiB), kStart);
  bars.Update(Layer('a', State::kDownloading, kMiB, 100 * kMiB), kStart + milliseconds(1000));
  EXPECT_THAT(bars.Lines(9, 120, Colours::kOff).front(), Not(HasSubstr("/s")));
}

TEST(LayerBars, NeverWiderThanTheTerminal) {
  LayerBars bars;
  bars.Update(Layer('a', State::kDownloading, 1023 * kMiB, 1023 * kMiB), kStart);
  bars.Update(Layer('b', State::kUnpacking, 0, 0), kStart);
  bars.Update(Layer('c', State::kExists, 0, 5 * kMiB), kStart);
  for (int columns = 1; columns < 130; ++columns) {
    for (const std::string& line : bars.Lines(9, columns, Colours::kOn)) {
      EXPECT_LE(Width(line), columns);
    }
  }
}

TEST(LayerBars, ABarIsEmptyAtFirstAndFullAtLast) {
  LayerBars bars;
  bars.Update(Layer('a', State::kDownloading, 0, kMiB), kStart);
  bars.Update(Layer('b', State::kUnpacking, kMiB, kMiB), kStart);
  bars.Update(Layer('c', State::kUnpacking, 2 * kMiB, kMiB), kStart);  // more than was announced
  const auto lines = bars.Lines(9, 100, Colours::kOff);
  EXPECT_THAT(lines[0], HasSubstr("[                          "));
  EXPECT_THAT(lines[1], HasSubstr("==========]"));
  EXPECT_THAT(lines[2], HasSubstr("==========]"));
}

TEST(LayerBars, TooManyLayersAreCountedInTheLastLine) {
  LayerBars bars;
  bars.Update(Layer('a', State::kExists), kStart);
  bars.Update(Layer('b', State::kDone), kStart);
  bars.Update(Layer('c', State::kDownloading, 1, 2), kStart);
  bars.Update(Layer('d', State::kWaiting), kStart);
  const auto lines = bars.Lines(3, 80, Colours::kOff);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], HasSubstr("cccccccccccc  downloading"));
  EXPECT_EQ(lines[1], "  2 of 4 layers done");
  EXPECT_THAT(bars.Lines(0, 80, Colours::kOff), SizeIs(0));
}

TEST(LayerBars, ShortensDigestsAndPaths) {
  EXPECT_EQ(ShortLayer("sha256:" + std::string(64, '1')), "111111111111");
  EXPECT_EQ(ShortLayer("/var/tmp/rootfs/"), "rootfs");
  EXPECT_EQ(ShortLayer("rootfs.tar"), "rootfs.tar");
  EXPECT_EQ(ShortLayer("/"), "");
}

}  // namespace
}  // namespace berth::agent::cli
