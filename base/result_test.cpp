#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace berth {
namespace {

Result<int> Fails() { return MakeError("openat2 etc/passwd: {}", "too many links"); }
Result<int> Passes(int& calls) {
  ++calls;
  const int value = TRY(Fails().Context("mount rootfs"));
  ++calls;
  return value;
}

TEST(ResultTest, ContextReadsOutermostFirst) {
  int calls = 0;
  const auto result = Passes(calls).Context("run task {}", "web");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "run task web: mount rootfs: openat2 etc/passwd: too many links");
  EXPECT_EQ(calls, 1) << "TRY must leave the function";
}

TEST(ResultTest, ErrnoErrorKeepsTheNumberWhileItFormats) {
  errno = ENOENT;
  const Error error = ErrnoError("open {}", std::string(1000, 'x'));
  EXPECT_TRUE(error.Is(ENOENT));
  EXPECT_TRUE(error.message().ends_with("x: No such file or directory"));
}

TEST(ResultTest, CarriesMoveOnlyValues) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto use = [&]() -> Result<int> {
    const std::unique_ptr<int> value = TRY(make());
    return *value;
  };
  EXPECT_EQ(*use(), 7);
}

}  // namespace
}  // namespace berth
