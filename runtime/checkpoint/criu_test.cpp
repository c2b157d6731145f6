#include "runtime/checkpoint/criu.h"

#include <gtest/gtest.h>

namespace berth::runtime {
namespace {

TEST(CriuLog, TellsTheFirstErrorsWithoutTheirTimes) {
  EXPECT_EQ(
      ErrorsInCriuLog("(00.000091) Version: 3.17.1 (gitid 0)\n"
                      "(00.012345)      7: Error (criu/files-reg.c:1629): Can't lookup mount\n"
                      "(00.012346) Unlock network\n"
                      "(00.012347) Error (criu/cr-dump.c:2098): Dumping FAILED.\n"),
      "Error (criu/files-reg.c:1629): Can't lookup mount; "
      "Error (criu/cr-dump.c:2098): Dumping FAILED.");
}

TEST(CriuLog, TellsNoErrorTwiceAndNoMoreThanThree) {
  std::string log;
  for (const char* text : {"one", "one", "two", "three", "four"}) {
    log += fmt::format("(00.1) Error (criu/x.c:1): {}\n", text);
  }
  EXPECT_EQ(ErrorsInCriuLog(log),
            "Error (criu/x.c:1): one; Error (criu/x.c:1): two; Error (criu/x.c:1): three");
}

TEST(CriuLog, OfASuccessTellsNothing) {
  EXPECT_EQ(ErrorsInCriuLog(""), "");
  EXPECT_EQ(ErrorsInCriuLog("(00.1) Warn  (criu/y.c:2): hm\n(00.2) Dumping finished\n"), "");
}

}  // namespace
}  // namespace berth::runtime
