#include "runtime/checkpoint/protobuf.h"

#include <gtest/gtest.h>

namespace berth::runtime {
namespace {

using namespace std::string_literals;

std::string NumberAs(uint32_t field, int64_t value) {
  ProtobufWriter writer;
  writer.Number(field, value);
  return writer.bytes();
}

// The first two are the examples of protobuf.dev/programming-guides/encoding.
TEST(ProtobufWriter, WritesWhatTheFormatsPageShows) {
  EXPECT_EQ(NumberAs(1, 150), "\x08\x96\x01"s);
  ProtobufWriter writer;
  writer.Bytes(2, "testing");
  EXPECT_EQ(writer.bytes(), "\x12\x07testing"s);
  EXPECT_EQ(NumberAs(1, -2), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s);
  EXPECT_EQ(NumberAs(1, 0), "\x08\x00"s);
}

TEST(ProtobufWriter, WritesFieldsPastFifteenWithTwoBytes) {
  EXPECT_EQ(NumberAs(16, 1), "\x80\x01\x01"s);
  EXPECT_EQ(NumberAs(64, 3), "\x80\x04\x03"s);
}

TEST(ProtobufReader, ReadsWhatIsWritten) {
  ProtobufWriter writer;
  writer.Number(7, INT64_MIN);
  writer.Bytes(300, std::string(1000, 'x'));
  writer.Bytes(1, "");
  ProtobufReader reader(writer.bytes());
  const auto number = reader.Next();
  ASSERT_TRUE(number && *number);
  EXPECT_EQ((*number)->field, 7U);
  EXPECT_EQ(static_cast<int64_t>((*number)->number), INT64_MIN);
  EXPECT_FALSE((*number)->has_bytes);
  const auto bytes = reader.Next();
  ASSERT_TRUE(bytes && *bytes);
  EXPECT_EQ((*bytes)->field, 300U);
  EXPECT_EQ((*bytes)->bytes, std::string(1000, 'x'));
  const auto empty = reader.Next();
  ASSERT_TRUE(empty && *empty);
  EXPECT_TRUE((*empty)->has_bytes);
  const auto end = reader.Next();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

TEST(ProtobufReader, ReadsNumbersOfFixedSize) {
  const std::string message = "\x0d\x01\x02\x00\x00\x11\x01\x00\x00\x00\x00\x00\x00\x80"s;
  ProtobufReader reader(message);
  EXPECT_EQ((*reader.Next())->number, 0x201U);
  EXPECT_EQ((*reader.Next())->number, 0x8000000000000001U);
}

TEST(ProtobufReader, RefusesWhatIsNoMessage) {
  const std::string broken[] = {
      "\x08"s,                                              // a number's tag without the number
      "\x08\x80"s,                                          // a number that breaks off
      "\x12\x05"s + "four",                                 // fewer bytes than were told
      "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,      // more than there can be
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,      // 65 bits
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // eleven bytes
      "\x00\x01"s,                                          // field 0
      "\x0b"s,                                              // a group
      "\x0f\x01"s,                                          // wire type 7
      "\x0d\x01\x02\x03"s,                                  // three bytes of four
  };
  for (const std::string& message : broken) {
    EXPECT_FALSE(ProtobufReader(message).Next()) << testing::PrintToString(message);
  }
}

}  // namespace
}  // namespace berth::runtime
