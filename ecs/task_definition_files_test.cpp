// Whole task definitions, as people have them: tests/data/task-definitions/{good,bad}.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "ecs/dump.h"
#include "ecs/parse.h"
#include "ecs/validate.h"

namespace berth::ecs {
namespace {

const std::filesystem::path kFolder = BERTH_TASK_DEFINITIONS;

std::string ReadAll(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Names, without ".json", of the files of a folder.
std::vector<std::string> FilesOf(const char* folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder / folder)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

class BadTaskDefinition : public testing::TestWithParam<std::string> {};

TEST_P(BadTaskDefinition, IsRefusedWithEveryProblem) {
  const auto parsed = ParseTaskDefinition(ReadAll(kFolder / "bad" / (GetParam() + ".json")));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message() + "\n", ReadAll(kFolder / "bad" / (GetParam() + ".error")));
}

INSTANTIATE_TEST_SUITE_P(Files, BadTaskDefinition, testing::ValuesIn(FilesOf("bad")), TestName);

class GoodTaskDefinition : public testing::TestWithParam<std::string> {};

TEST_P(GoodTaskDefinition, IsReadAndWrittenBackEqual) {
  const auto parsed = ParseTaskDefinition(ReadAll(kFolder / "good" / (GetParam() + ".json")));
  ASSERT_TRUE(parsed) << parsed.error().message();
  const std::string dumped = DumpTaskDefinition(*parsed);
  const auto again = ParseTaskDefinition(dumped);
  ASSERT_TRUE(again) << again.error().message() << "\n" << dumped;
  EXPECT_EQ(*again, *parsed) << dumped;
  EXPECT_EQ(DumpTaskDefinition(*again), dumped);
}

INSTANTIATE_TEST_SUITE_P(Files, GoodTaskDefinition, testing::ValuesIn(FilesOf("good")), TestName);

TEST(TaskDefinitionFiles, AreThere) {
  EXPECT_GE(FilesOf("bad").size(), 70u);
  EXPECT_GE(FilesOf("good").size(), 12u);
}

}  // namespace
}  // namespace berth::ecs
