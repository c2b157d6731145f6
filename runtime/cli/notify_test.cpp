#include "runtime/cli/notify.h"

#include <gtest/gtest.h>

namespace berth::runtime::cli {
namespace {

TEST(Notification, OfReadinessNamesTheMainProcess) {
  EXPECT_EQ(AllowedNotification("READY=1\nSTATUS=up and running", 42),
            "MAINPID=42\nREADY=1\nSTATUS=up and running\n");
}

TEST(Notification, HasNothingInItThatIsNotTheContainersToSay) {
  EXPECT_EQ(AllowedNotification("MAINPID=1\nFDSTORE=1\nFDNAME=x\nNOTIFYACCESS=all\nBARRIER=1\n"
                                "READY=10\n READY=1\nX_OWN=1\nSTATUSES=1\nWATCHDOG=trigger",
                                42),
            "");
  EXPECT_EQ(AllowedNotification("", 42), "");
  EXPECT_EQ(AllowedNotification("STOPPING=1\nMAINPID=1\n", 42), "STOPPING=1\n");
}

}  // namespace
}  // namespace berth::runtime::cli
