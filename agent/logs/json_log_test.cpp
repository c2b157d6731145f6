#include "agent/logs/json_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/logs/json_log_reader.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::agent::logs {
namespace {

class JsonLogTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/berth-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  std::vector<std::string> Texts(JsonLogReader& reader) {
    std::vector<std::string> texts;
    const auto entries = reader.Next();
    EXPECT_TRUE(entries) << entries.error().message();
    for (const LogEntry& entry : *entries) texts.push_back(entry.text);
    return texts;
  }
  std::string Path() const { return dir_ + "/log.json"; }

  std::string dir_;
};

TEST_F(JsonLogTest, WritesALineWhenItIsComplete) {
  auto log = JsonLog::Open({.path = Path()});
  JsonLogReader reader(Path());
  ASSERT_TRUE(log->Write(Stream::kStdout, "one\ntw"));
  EXPECT_THAT(Texts(reader), testing::ElementsAre("one\n"));
  ASSERT_TRUE(log->Write(Stream::kStderr, "err\n"));
  ASSERT_TRUE(log->Write(Stream::kStdout, "o\n"));
  ASSERT_TRUE(log->Write(Stream::kStdout, "rest"));
  ASSERT_TRUE(log->Flush(Stream::kStdout));
  EXPECT_THAT(Texts(reader), testing::ElementsAre("err\n", "two\n", "rest"));
  EXPECT_THAT(Texts(reader), testing::IsEmpty());
}

TEST_F(JsonLogTest, SplitsALongLineAsDockerDoes) {
  auto log = JsonLog::Open({.path = Path()});
  JsonLogReader reader(Path());
  ASSERT_TRUE(log->Write(Stream::kStdout, std::string(20000, 'x') + "\n"));
  const auto texts = Texts(reader);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_EQ(texts[0], std::string(16384, 'x'));
  EXPECT_EQ(texts[1], std::string(20000 - 16384, 'x') + "\n");
}

TEST_F(JsonLogTest, KeepsBytesThatAreNotText) {
  auto log = JsonLog::Open({.path = Path()});
  JsonLogReader reader(Path());
  ASSERT_TRUE(log->Write(Stream::kStdout, std::string("a\0b\xff\n", 5)));
  EXPECT_THAT(Texts(reader), testing::ElementsAre(std::string("a\0b\xef\xbf\xbd\n", 7)));
}

TEST_F(JsonLogTest, RotatesAndIsReadAcrossTheRotation) {
  auto log = JsonLog::Open({.path = Path(), .max_size = 200, .max_files = 3});
  JsonLogReader from_the_start(Path());
  std::vector<std::string> read;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(log->Write(Stream::kStdout, fmt::format("line {}\n", i)));
    for (std::string& text : Texts(from_the_start)) read.push_back(std::move(text));
  }
  EXPECT_THAT(read, testing::ElementsAre("line 0\n", "line 1\n", "line 2\n", "line 3\n", "line 4\n",
                                         "line 5\n"));
  EXPECT_TRUE(Exists(Path() + ".1"));
  EXPECT_TRUE(Exists(Path() + ".2"));
  EXPECT_FALSE(Exists(Path() + ".3"));
  JsonLogReader later(Path());
  EXPECT_THAT(Texts(later).back(), "line 5\n");
}

}  // namespace
}  // namespace berth::agent::logs
