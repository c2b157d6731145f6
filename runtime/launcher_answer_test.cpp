#include "runtime/launcher_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/sys.h"
#include "base/wire.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

// As it arrives at the other end.
FdMessage Sent(const Result<Created>& created) {
  auto [mine, its] = *sys::SocketPair(SOCK_SEQPACKET);
  EXPECT_TRUE(SendAnswer(mine.get(), created));
  auto message = ReceiveMessage(its.get(), kMostOfAnswer);
  EXPECT_TRUE(message);
  return std::move(message).Take();
}

std::string Problem(FdMessage message) {
  const auto read = ReadAnswer(std::move(message), "there");
  return read ? "" : read.error().message();
}

FdMessage Answer(int64_t pid, int64_t code, std::string_view text) {
  WireWriter wire;
  wire.Number(pid);
  wire.Number(code);
  wire.Text(text);
  return {.bytes = "a" + wire.Take()};
}

TEST(LauncherAnswer, HandsTheContainerOver) {
  Result<Created> made = Created{.pid = 17, .start = *sys::Open("/dev/null", O_RDONLY)};
  const auto read = ReadAnswer(Sent(made), "there");
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->pid, 17);
  EXPECT_TRUE(read->start);
}

TEST(LauncherAnswer, HandsTheReasonOver) {
  const auto read = ReadAnswer(Sent(Error("open x: No such file or directory", ENOENT)), "there");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message(), "open x: No such file or directory");
  EXPECT_TRUE(read.error().Is(ENOENT));
}

TEST(LauncherAnswer, CutsWhatIsTooLong) {
  EXPECT_EQ(Problem(Sent(Error(std::string(kMostOfAnswer, 'x')))),
            std::string(kMostOfAnswer - 64, 'x'));
}

TEST(LauncherAnswer, ReadsNothingElseAsOne) {
  constexpr const char* kGone = "the launcher there has ended without an answer";
  EXPECT_EQ(Problem({.closed = true}), kGone);
  EXPECT_EQ(Problem({.bytes = "a"}), kGone);
  EXPECT_EQ(Problem({.bytes = Answer(-1, 2, "x").bytes + "y"}), kGone);
  EXPECT_EQ(Problem({.bytes = "b" + Answer(-1, 2, "x").bytes.substr(1)}), kGone);
  EXPECT_EQ(Problem(Answer(17, 0, "")), kGone);  // without the descriptor
  EXPECT_EQ(Problem(Answer(-1, int64_t{1} << 40, "x")), kGone);
  for (const int64_t pid : {int64_t{-1}, int64_t{0}, int64_t{-17}, int64_t{1} << 32 | 17}) {
    FdMessage message = Answer(pid, 0, "");
    message.fds.push_back(*sys::Open("/dev/null", O_RDONLY));
    EXPECT_EQ(Problem(std::move(message)), kGone) << pid;
  }
}

}  // namespace
}  // namespace berth::runtime
