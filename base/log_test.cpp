#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace berth::log {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// What a sink was given: "level message", and the fields.
struct Heard {
  std::vector<std::string> messages;
  std::vector<Fields> fields;

  Heard() {
    SetSink([this](Level level, std::string_view message, const Fields& about) {
      messages.push_back(fmt::format("{} {}", static_cast<int>(level), message));
      fields.push_back(about);
    });
  }
  ~Heard() { SetSink({}); }
};

TEST(LogTest, ASinkTakesThePlaceOfStandardError) {
  Heard heard;
  Error("no {}", "room");
  EXPECT_THAT(heard.messages, ElementsAre("3 no room"));
}

TEST(LogTest, WhatIsBelowTheLevelDoesNotReachIt) {
  Heard heard;
  SetLevel(Level::kError);
  Warning("unheard");
  SetLevel(Level::kWarning);
  Warning("heard");
  EXPECT_THAT(heard.messages, ElementsAre("2 heard"));
}

TEST(LogTest, FieldsGoWithTheMessagesOfTheirThreadWhileTheyLive) {
  Heard heard;
  {
    const Field task("TASK", "1");
    const Field container("CONTAINER", "web");
    Error("both");
    std::thread([] { Error("none"); }).join();
  }
  Error("none");
  EXPECT_THAT(heard.fields.at(0), ElementsAre(Pair("TASK", "1"), Pair("CONTAINER", "web")));
  EXPECT_THAT(heard.fields.at(1), IsEmpty());
  EXPECT_THAT(heard.fields.at(2), IsEmpty());
}

}  // namespace
}  // namespace berth::log
