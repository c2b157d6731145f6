#include "agent/doctor/render.h"

#include <gtest/gtest.h>

namespace berth::doctor {
namespace {

const Finding kFine = {.name = "kernel", .found = "Linux 6.1"};
const Finding kLame = {.name = "nftables.flowtable",
                       .state = State::kLimited,
                       .found = "flowtable: No such file or directory",
                       .change = "load nf_flow_table"};
const Finding kBroken = {.name = "openat2",
                         .state = State::kMissing,
                         .found = "Function not implemented",
                         .change = "x"};

TEST(DoctorRenderTest, TextAlignsAndSaysWhatToChange) {
  EXPECT_EQ(RenderText({{kFine, kLame}}),
            "ok       kernel              Linux 6.1\n"
            "limited  nftables.flowtable  flowtable: No such file or directory\n"
            "                             -> load nf_flow_table\n"
            "\n"
            "Tasks run on this host, with 1 limitation(s).\n");
}

TEST(DoctorRenderTest, TheSummaryTellsTheWorst) {
  EXPECT_EQ(Report{}.Worst(), State::kOk);
  EXPECT_NE(RenderText({{kFine}}).find("\nThis host can do everything"), std::string::npos);
  EXPECT_NE(RenderText({{kLame, kBroken, kFine}})
                .find("\n1 thing(s) are missing, and 1 limited: not every task can run here.\n"),
            std::string::npos);
}

TEST(DoctorRenderTest, JsonHasTheSameFacts) {
  EXPECT_EQ(RenderJson({{kFine, kBroken}}), R"({
  "state": "missing",
  "findings": [
    {
      "name": "kernel",
      "state": "ok",
      "found": "Linux 6.1"
    },
    {
      "name": "openat2",
      "state": "missing",
      "found": "Function not implemented",
      "change": "x"
    }
  ]
})");
}

}  // namespace
}  // namespace berth::doctor
