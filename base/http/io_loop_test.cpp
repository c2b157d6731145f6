#include "base/http/io_loop.h"

#include <gmock/gmock.h>

#include <csignal>
#include <thread>

#include "base/sys.h"

namespace berth::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

TEST(IoLoop, DoesWhatIsPostedInOrderFromAnyThread) {
  IoLoop loop;
  std::vector<int> done;
  std::thread other([&] {
    loop.Post([&] { done.push_back(1); });
    loop.Post([&] { done.push_back(2); });
    loop.Post([&] { loop.Stop(); });
  });
  loop.Run();
  other.join();
  EXPECT_THAT(done, ElementsAre(1, 2));
}

TEST(IoLoop, RunsAgainAfterAStop) {
  IoLoop loop;
  int runs = 0;
  for (int i = 0; i < 2; ++i) {
    loop.Post([&] {
      ++runs;
      loop.Stop();
    });
    loop.Run();
  }
  EXPECT_EQ(runs, 2);
}

TEST(IoLoop, CallsATimerOnceUnlessItIsLetGoOf) {
  IoLoop loop;
  std::vector<int> done;
  const Timer first = loop.After(milliseconds(1), [&] { done.push_back(1); });
  Timer cancelled = loop.After(milliseconds(1), [&] { done.push_back(2); });
  cancelled.Cancel();
  {
    const Timer gone = loop.After(milliseconds(1), [&] { done.push_back(3); });
  }
  const Timer last = loop.After(milliseconds(5), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_THAT(done, ElementsAre(1));
}

TEST(IoLoop, DoesNotCallATimerThatWasLetGoOfAfterItsTime) {
  IoLoop loop;
  std::optional<Timer> second;
  bool called = false;
  // Both have expired when the loop gets to the first.
  const Timer first = loop.After(milliseconds(0), [&] { second.reset(); });
  second = loop.After(milliseconds(0), [&] { called = true; });
  const Timer last = loop.After(milliseconds(5), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(called);
}

TEST(IoLoop, ATimerMayReplaceItself) {
  IoLoop loop;
  Timer timer;
  int ticks = 0;
  std::function<void()> tick = [&] {
    if (++ticks == 3) return loop.Stop();
    timer = loop.After(milliseconds(1), tick);
  };
  tick();
  loop.Run();
  EXPECT_EQ(ticks, 3);
}

TEST(IoLoop, CallsForAsLongAsADescriptorCanBeRead) {
  IoLoop loop;
  auto [reading, writing] = *sys::Pipe();
  ASSERT_TRUE(sys::WriteAll(writing.get(), "abc"));
  std::string read;
  Timer watch = loop.WhenReadable(reading.get(), [&, fd = reading.get()] {
    char byte = 0;
    ASSERT_TRUE(sys::Read(fd, {&byte, 1}));
    read += byte;
    if (read.size() == 3) {
      watch.Cancel();
      loop.Stop();
    }
  });
  loop.Run();
  EXPECT_EQ(read, "abc");
  EXPECT_TRUE(sys::WriteAll(writing.get(), "still open"));
}

TEST(IoLoop, CallsWithEachSignal) {
  IoLoop loop;
  std::vector<int> signals;
  loop.OnSignals({SIGUSR1, SIGUSR2}, [&](int signal) {
    signals.push_back(signal);
    if (signals.size() == 2) return loop.Stop();
    std::raise(SIGUSR2);
  });
  loop.Post([] { std::raise(SIGUSR1); });
  loop.Run();
  EXPECT_THAT(signals, ElementsAre(SIGUSR1, SIGUSR2));
}

TEST(IoLoop, DropsWhatIsUnderWayWhenItGoes) {
  const auto held = std::make_shared<int>();
  {
    IoLoop loop;
    loop.Post([held] {});
    const Timer timer = loop.After(milliseconds(1), [held] {});
    EXPECT_EQ(held.use_count(), 3);
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace berth::http
