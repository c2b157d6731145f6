#include "cgroups/pressure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

using std::chrono::microseconds;

TEST(PressureTest, ReadsBothLines) {
  const FakeTree tree({File("memory.pressure",
                            "some avg10=1.25 avg60=0.10 avg300=0.00 total=123456789012\n"
                            "full avg10=0.50 avg60=0.05 avg300=100.00 total=42\n")});
  const auto pressure = ReadPressure(tree.path(), PressureResource::kMemory);
  ASSERT_TRUE(pressure) << pressure.error().message();
  EXPECT_EQ(
      *pressure,
      (Pressure{
          .some = {.avg10 = 1.25, .avg60 = 0.1, .avg300 = 0, .total = microseconds(123456789012)},
          .full =
              PressureShare{.avg10 = 0.5, .avg60 = 0.05, .avg300 = 100, .total = microseconds(42)},
      }));
}

TEST(PressureTest, AnOldKernelHasNoFullLineForTheCpu) {
  const FakeTree tree({File("cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")});
  const auto pressure = ReadPressure(tree.path(), PressureResource::kCpu);
  ASSERT_TRUE(pressure) << pressure.error().message();
  EXPECT_EQ(pressure->some.total, microseconds(7));
  EXPECT_FALSE(pressure->full);
}

TEST(PressureTest, LinesAndFieldsOfALaterKernelArePassedOver) {
  const auto pressure =
      ParsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=7 worst=9\nnone of this\n");
  ASSERT_TRUE(pressure) << pressure.error().message();
  EXPECT_EQ(pressure->some.total, microseconds(7));
}

TEST(PressureTest, RefusesWhatIsNoPressureFile) {
  EXPECT_FALSE(ParsePressure(""));
  EXPECT_FALSE(ParsePressure("populated 0\n"));
  for (const std::string line :
       {"some", "some avg10=0.00 avg60=0.00 avg300=0.00", "some avg10= avg60=0 avg300=0 total=0",
        "some avg10=x avg60=0 avg300=0 total=0", "some avg60=0 avg10=0 avg300=0 total=0",
        "some avg10=0 avg60=0 avg300=0 total=1.5",
        "some avg10=0 avg60=0 avg300=0 total=99999999999999999999"}) {
    const auto pressure = ParsePressure(line);
    ASSERT_FALSE(pressure) << line;
    EXPECT_EQ(pressure.error().message(), "not a line of a pressure file: " + line);
  }
}

TEST(PressureTest, SaysThatTheKernelKeepsNoAccount) {
  const FakeTree tree({});
  EXPECT_TRUE(ReadPressure(tree.path(), PressureResource::kIo).error().Is(ENOTSUP));
  EXPECT_TRUE(ReadPressure("/nonexistent", PressureResource::kIo).error().Is(ENOENT));
}

}  // namespace
}  // namespace berth::cgroups
