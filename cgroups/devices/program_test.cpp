// The compiled program, interpreted, against a model that knows nothing of the compiler.
#include "cgroups/devices/program.h"

#include <gtest/gtest.h>

#include "cgroups/devices/interpreter.h"
#include "cgroups/devices/model.h"

namespace berth::cgroups {
namespace {

uint32_t Answer(std::span<const bpf_insn> code, const DeviceRequest& request) {
  const auto answer =
      Interpret(code, MakeRequest(request.type, request.major, request.minor, request.access));
  EXPECT_TRUE(answer) << answer.error().message();
  return answer ? *answer : 2;
}

TEST(DeviceProgramTest, AnswersAsTheModelForManyLists) {
  constexpr uint32_t kNumbers[] = {0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff};
  std::mt19937 random(20'251'126);
  for (int list = 0; list < 1500; ++list) {
    const auto rules = RandomRules(random, list % 12, kNumbers);
    const auto code = CompileDeviceFilter(rules);
    for (uint32_t i = 0; i < 2 * 6 * 6 * 8; ++i) {
      const DeviceRequest request = {
          .type = i % 2 == 0 ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
          .major = kNumbers[i / 2 % 6] + (list % 5 == 4 ? 1 : 0),  // neighbours of what is named
          .minor = kNumbers[i / 12 % 6],
          .access = static_cast<DeviceAccess>(i / 72)};
      ASSERT_EQ(Answer(code, request), ModelAllows(rules, request) ? 1U : 0U)
          << DescribeAll(rules) << "type " << request.type << " " << request.major << ":"
          << request.minor << " access " << int{request.access};
    }
  }
}

TEST(DeviceProgramTest, DeniesAccessesOfALaterKernel) {
  const std::vector<DeviceRule> all = {{.allow = true}};
  const auto code = CompileDeviceFilter(all);
  EXPECT_EQ(Answer(code, {.major = 1, .minor = 3, .access = 7}), 1U);
  EXPECT_EQ(Answer(code, {.major = 1, .minor = 3, .access = 8}), 0U);
  EXPECT_EQ(Answer(code, {.major = 1, .minor = 3, .access = 15}), 0U);
}

TEST(DeviceProgramTest, AsksForNothingIsAnsweredYes) {
  EXPECT_EQ(Answer(CompileDeviceFilter({}), {.major = 8, .minor = 0, .access = 0}), 1U);
}

TEST(DeviceProgramTest, GrowsByAFewInstructionsForEachDevice) {
  std::vector<DeviceRule> rules;
  const size_t empty = CompileDeviceFilter(rules).size();
  for (uint32_t minor = 0; minor < 100; ++minor) {
    rules.push_back({.allow = true, .type = DeviceType::kChar, .major = 4, .minor = minor});
  }
  EXPECT_EQ(CompileDeviceFilter(rules).size(), empty + 700);
}

}  // namespace
}  // namespace berth::cgroups
