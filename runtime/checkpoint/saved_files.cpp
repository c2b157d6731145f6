#include "runtime/checkpoint/saved_files.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "runtime/checkpoint/protobuf.h"

namespace berth::runtime {
namespace {

// criu/include/magic.h: of images, and of this one.
constexpr uint32_t kMagics[] = {0x54564319, 0x56303138};

// A field of file_entry.
constexpr uint32_t kRegularFile = 3;

// Those of reg_file_entry.
struct RegularFile {
  static constexpr uint32_t kFlags = 2;
  static constexpr uint32_t kPosition = 3;
  static constexpr uint32_t kName = 6;
  static constexpr uint32_t kSize = 8;
  static constexpr uint32_t kMode = 10;
  static constexpr uint32_t kBuildId = 11;
  static constexpr uint32_t kChecksum = 12;
};

constexpr int64_t kNoPosition = -1;
constexpr uint64_t kFlagsThatStay = O_ACCMODE | O_NONBLOCK | O_SYNC;

Result<uint32_t> TakeNumber(std::string_view& rest) {
  uint32_t number;
  if (rest.size() < sizeof number) return MakeError("it breaks off");
  std::memcpy(&number, rest.data(), sizeof number);
  rest.remove_prefix(sizeof number);
  return number;
}

void AddNumber(std::string& bytes, uint32_t number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void Copy(const ProtobufField& field, ProtobufWriter& to) {
  if (field.has_bytes) return to.Bytes(field.field, field.bytes);
  to.Number(field.field, static_cast<int64_t>(field.number));
}

Result<std::string_view> NameOf(std::string_view regular_file) {
  ProtobufReader reader(regular_file);
  while (const auto field = TRY(reader.Next())) {
    if (field->field == RegularFile::kName) return field->bytes;
  }
  return std::string_view();
}

uint64_t FlagsOfAnyFile(uint64_t flags) {
  flags &= kFlagsThatStay;
  return (flags & O_ACCMODE) == O_RDONLY ? flags : flags | O_APPEND;
}

Result<std::string> AnyFile(std::string_view regular_file) {
  ProtobufReader reader(regular_file);
  ProtobufWriter writer;
  while (const auto field = TRY(reader.Next())) {
    const uint32_t number = field->field;
    if (number == RegularFile::kFlags) {
      writer.Number(RegularFile::kFlags, static_cast<int64_t>(FlagsOfAnyFile(field->number)));
    } else if (number == RegularFile::kPosition) {
      writer.Number(RegularFile::kPosition, kNoPosition);
    } else if (number != RegularFile::kSize && number != RegularFile::kMode &&
               number != RegularFile::kBuildId && number != RegularFile::kChecksum) {
      Copy(*field, writer);
    }
  }
  return writer.bytes();
}

Result<std::string> LetBeOther(std::string_view file, const std::vector<std::string>& names) {
  ProtobufReader reader(file);
  ProtobufWriter writer;
  while (const auto field = TRY(reader.Next())) {
    if (field->field == kRegularFile && field->has_bytes &&
        std::ranges::count(names, TRY(NameOf(field->bytes))) > 0) {
      writer.Bytes(kRegularFile, TRY(AnyFile(field->bytes)));
    } else {
      Copy(*field, writer);
    }
  }
  return writer.bytes();
}

}  // namespace

Result<std::string> LetFilesBeOthers(std::string_view image,
                                     const std::vector<std::string>& names) {
  std::string changed;
  for (const uint32_t magic : kMagics) {
    if (TRY(TakeNumber(image)) != magic) return MakeError("is not CRIU's image of open files");
    AddNumber(changed, magic);
  }
  while (!image.empty()) {
    const uint32_t size = TRY(TakeNumber(image));
    if (size > image.size()) return MakeError("it breaks off");
    const std::string file = TRY(LetBeOther(image.substr(0, size), names));
    if (file.size() > std::numeric_limits<uint32_t>::max()) return MakeError("it is too long");
    AddNumber(changed, static_cast<uint32_t>(file.size()));
    changed += file;
    image.remove_prefix(size);
  }
  return changed;
}

}  // namespace berth::runtime
