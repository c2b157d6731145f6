#include "runtime/cli/signals.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace berth::runtime::cli {
namespace {

TEST(Signals, HaveNamesAndNumbers) {
  for (const char* text : {"9", "KILL", "SIGKILL", "sigkill", "kill"}) {
    EXPECT_EQ(ParseSignal(text).ValueOr(-1), SIGKILL) << text;
  }
  EXPECT_EQ(ParseSignal("0").ValueOr(-1), 0);
  EXPECT_EQ(ParseSignal("RTMIN").ValueOr(-1), SIGRTMIN);
  EXPECT_EQ(ParseSignal("SIGRTMIN+3").ValueOr(-1), SIGRTMIN + 3);
  EXPECT_EQ(ParseSignal("rtmax-2").ValueOr(-1), SIGRTMAX - 2);
  EXPECT_EQ(ParseSignal("CLD").ValueOr(-1), SIGCHLD);
}

TEST(Signals, RefuseWhatIsNone) {
  for (const char* text : {"", "SIG", "NOPE", "-1", "99", "9x", "RTMIN+99", "RTMIN-1", "+9"}) {
    EXPECT_FALSE(ParseSignal(text)) << text;
  }
}

}  // namespace
}  // namespace berth::runtime::cli
