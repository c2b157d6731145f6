#include "runtime/checkpoint/saved_files.h"

#include <gtest/gtest.h>

#include "runtime/checkpoint/protobuf.h"

namespace berth::runtime {
namespace {

using namespace std::string_literals;

// What files.img begins with; the rest of it is tested with CRIU's own library.
constexpr std::string_view kMagics = "\x19\x43\x56\x54\x38\x31\x30\x56";

std::string ImageOf(const std::string& message) {
  const auto size = static_cast<char>(message.size());
  return std::string(kMagics) + size + "\0\0\0"s + message;
}

// A file_entry of a reg_file_entry.
std::string FileNamed(const std::string& name) {
  ProtobufWriter regular;
  regular.Number(2, 01);
  regular.Bytes(6, name);
  regular.Number(8, 4096);
  ProtobufWriter file;
  file.Bytes(3, regular.bytes());
  return file.bytes();
}

TEST(SavedFiles, ChangesThoseOfTheNamesAlone) {
  const std::string image = ImageOf(FileNamed("/log"));
  EXPECT_EQ(LetFilesBeOthers(image, {"file[1:2]"}).ValueOr(""), image);
  const auto changed = LetFilesBeOthers(image, {"file[1:2]", "/log"});
  ASSERT_TRUE(changed);
  EXPECT_LT(changed->size(), image.size());
}

TEST(SavedFiles, NoFilesAreNone) {
  EXPECT_EQ(LetFilesBeOthers(kMagics, {"/log"}).ValueOr(""), kMagics);
}

TEST(SavedFiles, RefusesWhatIsNoImageOfFiles) {
  EXPECT_FALSE(LetFilesBeOthers("", {}));
  EXPECT_FALSE(LetFilesBeOthers("\x19\x43\x56\x54\x38\x31\x30\x57", {}));
}

TEST(SavedFiles, RefusesWhatBreaksOff) {
  const std::string image = ImageOf(FileNamed("/log"));
  for (size_t size = kMagics.size() + 1; size < image.size(); ++size) {
    EXPECT_FALSE(LetFilesBeOthers(image.substr(0, size), {"/log"})) << size;
  }
}

}  // namespace
}  // namespace berth::runtime
