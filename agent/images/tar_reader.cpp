#include "agent/images/tar_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/json.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kBuffer = 1 << 20;
// Extended headers larger than this are an attack on memory, not a file's name and attributes: the
// kernel takes 64 KiB for one attribute and 4 KiB for a path.
constexpr uint64_t kLongestExtension = 1 << 20;

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

size_t Padding(uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

// A field of text: up to the first NUL, or all of it.
std::string Text(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

// A number in octal, or in base 256 if its first bit is set (GNU).
std::optional<uint64_t> Number(std::string_view field) {
  const auto first = static_cast<unsigned char>(field.front());
  if (first & 0x80) {
    uint64_t value = first & 0x7f;
    for (const char c : field.substr(1)) {
      if (value >> 55 != 0) return std::nullopt;  // negative numbers end here as well
      value = value << 8 | static_cast<unsigned char>(c);
    }
    return value;
  }
  const std::string text = Text(field);
  const std::string_view digits = Trim(text);
  if (digits.empty()) return 0;
  return ParseInteger<uint64_t>(digits, 8);
}

// Seconds with a fraction, as pax has them: "-1", "1700000000.25".
std::optional<timespec> PaxTime(std::string_view text) {
  const size_t dot = text.find('.');
  const auto seconds = ParseInteger<int64_t>(text.substr(0, dot));
  if (!seconds) return std::nullopt;
  timespec time = {.tv_sec = *seconds, .tv_nsec = 0};
  if (dot == std::string_view::npos) return time;
  std::string digits(text.substr(dot + 1, 9));
  digits.resize(9, '0');
  const auto fraction = ParseInteger<uint32_t>(digits);
  if (!fraction) return std::nullopt;
  time.tv_nsec = *fraction;
  if (text.front() == '-' && *fraction > 0) {
    time.tv_sec -= 1;
    time.tv_nsec = 1'000'000'000 - time.tv_nsec;
  }
  return time;
}

// "<length> <key>=<value>\n", again and again (POSIX.1-2008, pax, "pax Extended Header").
Result<std::map<std::string, std::string>> ParseRecords(std::string_view text) {
  std::map<std::string, std::string> records;
  while (!text.empty()) {
    const size_t space = text.find(' ');
    const auto length = ParseInteger<size_t>(text.substr(0, space));
    if (space == std::string_view::npos || !length || *length <= space + 1 ||
        *length > text.size() || text[*length - 1] != '\n') {
      return MakeError("an extended header is damaged");
    }
    const std::string_view record = text.substr(space + 1, *length - space - 2);
    const size_t equals = record.find('=');
    if (equals == std::string_view::npos) return MakeError("an extended header is damaged");
    records[std::string(record.substr(0, equals))] = record.substr(equals + 1);
    text.remove_prefix(*length);
  }
  return records;
}

Result<void> Apply(const std::string& key, const std::string& value, TarEntry& entry) {
  constexpr std::string_view kXattr = "SCHILY.xattr.";
  const auto number = [&]() -> Result<uint64_t> {
    const auto parsed = ParseInteger<uint64_t>(value);
    if (!parsed) return MakeError("{} of an extended header is no number", key);
    return *parsed;
  };
  if (key.starts_with("GNU.sparse.")) return MakeError("sparse files are not supported");
  if (key.starts_with(kXattr)) entry.xattrs[key.substr(kXattr.size())] = value;
  if (key == "path") entry.path = value;
  if (key == "linkpath") entry.link = value;
  if (key == "size") entry.size = TRY(number());
  if (key == "uid" || key == "gid") {
    const uint64_t id = TRY(number());
    if (id >= UINT32_MAX) return MakeError("{} {} is too large", key, id);
    (key == "uid" ? entry.uid : entry.gid) = static_cast<uid_t>(id);
  }
  if (key == "mtime") {
    const auto time = PaxTime(value);
    if (!time) return MakeError("mtime of an extended header is no time");
    entry.mtime = *time;
  }
  return {};
}

Result<TarEntry::Type> TypeOf(char flag, std::string_view path) {
  using Type = TarEntry::Type;
  switch (flag) {
    case '\0':  // before POSIX a directory was a file whose name ends in a slash
      return path.ends_with('/') ? Type::kDirectory : Type::kFile;
    case '0':
    case '7':
      return Type::kFile;
    case '1':
      return Type::kHardLink;
    case '2':
      return Type::kSymlink;
    case '3':
      return Type::kCharDevice;
    case '4':
      return Type::kBlockDevice;
    case '5':
      return Type::kDirectory;
    case '6':
      return Type::kFifo;
    case 'S':
      return MakeError("sparse files are not supported");
    default:
      return MakeError("unknown entry type {}", QuoteJson(std::string(1, flag)));
  }
}

}  // namespace

// The fields of a ustar header block (POSIX.1-2008, pax, "ustar Interchange Format").
struct TarReader::Header {
  std::string_view block;

  std::string_view Field(size_t offset, size_t size) const { return block.substr(offset, size); }
  char type() const { return block[156]; }
  bool IsPosix() const { return Field(257, 6) == std::string_view("ustar\0", 6); }

  // The sum of all bytes with the checksum's own as spaces; some old programs summed signed bytes.
  bool ChecksumIsRight() const {
    uint64_t unsigned_sum = 8 * ' ';
    int64_t signed_sum = 8 * ' ';
    for (size_t i = 0; i < kBlock; ++i) {
      if (i >= 148 && i < 156) continue;
      unsigned_sum += static_cast<unsigned char>(block[i]);
      signed_sum += static_cast<signed char>(block[i]);
    }
    const auto sum = Number(Field(148, 8));
    return sum && (*sum == unsigned_sum || static_cast<int64_t>(*sum) == signed_sum);
  }

  std::string Path() const {
    std::string path = Text(Field(0, 100));
    const std::string prefix = IsPosix() ? Text(Field(345, 155)) : "";
    return prefix.empty() ? path : prefix + "/" + path;
  }

  Result<TarEntry> Entry() const {
    TarEntry entry;
    entry.path = Path();
    entry.link = Text(Field(157, 100));
    const auto mode = Number(Field(100, 8));
    const auto uid = Number(Field(108, 8));
    const auto gid = Number(Field(116, 8));
    const auto size = Number(Field(124, 12));
    const auto mtime = Number(Field(136, 12));
    const auto major = Number(Field(329, 8));
    const auto minor = Number(Field(337, 8));
    if (!mode || !size || !uid || !gid || *uid >= UINT32_MAX || *gid >= UINT32_MAX) {
      return MakeError("a number in the header is damaged");
    }
    entry.mode = static_cast<mode_t>(*mode & 07777);
    entry.uid = static_cast<uid_t>(*uid);
    entry.gid = static_cast<gid_t>(*gid);
    entry.size = *size;
    entry.mtime.tv_sec = static_cast<time_t>(mtime.value_or(0));  // before 1970: 1970
    entry.major = static_cast<unsigned>(major.value_or(0));
    entry.minor = static_cast<unsigned>(minor.value_or(0));
    return entry;
  }
};

TarReader::TarReader(ByteSource& source, uint64_t limit)
    : source_(source), limit_(limit), buffer_(kBuffer) {}

// Sees to it that `least` bytes (at most kBuffer) are in the buffer; false if the stream has fewer.
Result<bool> TarReader::Fill(size_t least) {
  if (end_ - begin_ >= least) return true;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  while (end_ < least) {
    const size_t size = TRY(source_.Read(std::span(buffer_).subspan(end_)));
    if (size == 0) return false;
    end_ += size;
  }
  return true;
}

Result<std::optional<std::string_view>> TarReader::Block() {
  if (offset_ > limit_) return MakeError("unpacks to more than {} bytes", limit_);
  if (!TRY(Fill(kBlock))) {
    if (end_ == begin_) return std::optional<std::string_view>();
    return MakeError("the tar archive ends in the middle of a header");
  }
  const std::string_view block(buffer_.data() + begin_, kBlock);
  begin_ += kBlock;
  offset_ += kBlock;
  return std::optional(block);
}

// The content of an entry that carries a name or records for the one after it.
Result<std::string> TarReader::LongText(const TarEntry& entry, std::string_view what) {
  if (entry.size > kLongestExtension) return MakeError("{} is larger than 1 MiB", what);
  content_ = entry.size;
  padding_ = Padding(entry.size);
  std::string text;
  for (;;) {
    const auto piece = TRY(Content());
    if (piece.empty()) break;
    text.append(piece.data(), piece.size());
  }
  TRY(SkipContent());
  return text;
}

Result<std::span<const char>> TarReader::Content() {
  if (content_ == 0) return std::span<const char>();
  if (!TRY(Fill(1))) return MakeError("the tar archive ends in the middle of an entry");
  const size_t size = std::min<uint64_t>(content_, end_ - begin_);
  const std::span<const char> piece(buffer_.data() + begin_, size);
  begin_ += size;
  offset_ += size;
  content_ -= size;
  return piece;
}

Result<void> TarReader::SkipContent() {
  while (content_ > 0) TRY(Content());
  if (!TRY(Fill(padding_))) return MakeError("the tar archive ends in the middle of an entry");
  begin_ += padding_;
  offset_ += padding_;
  padding_ = 0;
  return {};
}

Result<std::optional<TarEntry>> TarReader::Next() {
  TRY(SkipContent());
  Records records;
  std::optional<std::string> long_path;
  std::optional<std::string> long_link;
  for (;;) {
    const auto block = TRY(Block());
    // Without the two blocks of zeros at its end an archive is still whole if an entry is: Go's
    // programs read such layers, and a cut would show in the digest.
    if (!block || AllZero(*block)) {
      if (!records.empty() || long_path || long_link) {
        return MakeError("the tar archive ends after an extended header");
      }
      return std::optional<TarEntry>();
    }
    const Header header{*block};
    if (!header.ChecksumIsRight()) return MakeError("a tar header's checksum is wrong");
    TarEntry entry = TRY(header.Entry());
    const char type = header.type();
    if (type == 'x') {
      records = TRY(ParseRecords(TRY(LongText(entry, "an extended header"))));
    } else if (type == 'g') {
      TRY(LongText(entry, "a global extended header"));  // comments; layers have nothing else there
    } else if (type == 'L') {
      long_path = Text(TRY(LongText(entry, "a long name")));
    } else if (type == 'K') {
      long_link = Text(TRY(LongText(entry, "a long link name")));
    } else {
      if (long_path) entry.path = *long_path;
      if (long_link) entry.link = *long_link;
      for (const auto& [key, value] : records) {
        TRY(Apply(key, value, entry).Context("{}", QuoteJson(entry.path)));
      }
      if (entry.path.find('\0') != std::string::npos ||
          entry.link.find('\0') != std::string::npos) {
        return MakeError("{}: a name holds a NUL byte", QuoteJson(entry.path));
      }
      entry.type = TRY(TypeOf(type, entry.path).Context("{}", QuoteJson(entry.path)));
      // Only files have content; in what else old programs wrote there, the size means nothing.
      if (entry.type != TarEntry::Type::kFile) entry.size = 0;
      if (entry.size > limit_ || offset_ > limit_ - entry.size) {
        return MakeError("{}: unpacks to more than {} bytes", QuoteJson(entry.path), limit_);
      }
      content_ = entry.size;
      padding_ = Padding(entry.size);
      return std::optional(std::move(entry));
    }
  }
}

Result<void> TarReader::Finish() {
  TRY(SkipContent());
  while (TRY(Fill(1))) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    if (!AllZero(rest))
      return MakeError("there is something else after the end of the tar archive");
    offset_ += rest.size();
    begin_ = end_;
    if (offset_ > limit_) return MakeError("unpacks to more than {} bytes", limit_);
  }
  return {};
}

}  // namespace berth::agent::images
