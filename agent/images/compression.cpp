#include "agent/images/compression.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace berth::agent::images {
namespace {

constexpr size_t kInput = 256 << 10;

// The compressed side: a buffer that is refilled when it is empty.
class Input {
 public:
  Input(ByteSource& below, std::span<const char> start) : below_(below), buffer_(kInput) {
    std::memcpy(buffer_.data(), start.data(), start.size());
    left_ = {buffer_.data(), start.size()};
  }

  /// What is at hand; reads more only if that is nothing. Empty at the end.
  Result<std::span<const char>> Get() {
    if (!left_.empty()) return left_;
    const size_t size = TRY(below_.Read(buffer_));
    left_ = {buffer_.data(), size};
    return left_;
  }
  void Left(size_t size) { left_ = left_.last(size); }

 private:
  ByteSource& below_;
  std::vector<char> buffer_;
  std::span<const char> left_;
};

class PlainSource : public ByteSource {
 public:
  PlainSource(ByteSource& below, std::span<const char> start)
      : below_(below), start_(start.begin(), start.end()) {}

  Result<size_t> Read(std::span<char> buffer) override {
    if (start_.empty()) return below_.Read(buffer);
    const size_t size = std::min(buffer.size(), start_.size());
    std::memcpy(buffer.data(), start_.data(), size);
    start_.erase(start_.begin(), start_.begin() + static_cast<ptrdiff_t>(size));
    return size;
  }

 private:
  ByteSource& below_;
  std::vector<char> start_;
};

class GzipSource : public ByteSource {
 public:
  GzipSource(ByteSource& below, std::span<const char> start) : input_(below, start) { Restart(); }

  Result<size_t> Read(std::span<char> buffer) override {
    while (!buffer.empty()) {
      const auto in = TRY(input_.Get());
      if (between_members_) {
        if (in.empty()) return 0;
        TRY(CheckMember(in));
      }
      // Also without input: there may be output that did not fit the last time.
      const size_t size = TRY(Inflate(in, buffer));
      if (size > 0) return size;
      if (in.empty() && !between_members_) return MakeError("the gzip stream ends too early");
    }
    return 0;
  }

 private:
  void Restart() {
    isal_inflate_init(&state_);
    state_.crc_flag = ISAL_GZIP;  // header and trailer are read and the checksum compared
  }

  // A gzip file may be several members in a row (RFC 1952, 2.2); anything else is no part of it.
  Result<void> CheckMember(std::span<const char> in) {
    if (in[0] != '\x1f') return MakeError("there is something else after the gzip stream");
    Restart();
    between_members_ = false;
    return {};
  }

  Result<size_t> Inflate(std::span<const char> in, std::span<char> out) {
    const auto* next_in = reinterpret_cast<const uint8_t*>(in.data());
    state_.next_in = const_cast<uint8_t*>(next_in);  // never written to
    state_.avail_in = static_cast<uint32_t>(in.size());
    state_.next_out = reinterpret_cast<uint8_t*>(out.data());
    state_.avail_out = static_cast<uint32_t>(std::min<size_t>(out.size(), UINT32_MAX));
    const int code = isal_inflate(&state_);
    if (code == ISAL_INCORRECT_CHECKSUM) return MakeError("the gzip checksum is wrong");
    if (code < 0) return MakeError("the gzip data is damaged");
    input_.Left(state_.avail_in);
    between_members_ = state_.block_state == ISAL_BLOCK_FINISH;
    return static_cast<size_t>(state_.next_out - reinterpret_cast<uint8_t*>(out.data()));
  }

  Input input_;
  inflate_state state_;
  bool between_members_ = false;
};

class ZstdSource : public ByteSource {
 public:
  ZstdSource(ByteSource& below, std::span<const char> start)
      : input_(below, start), context_(ZSTD_createDCtx()) {}

  Result<size_t> Read(std::span<char> buffer) override {
    while (!buffer.empty()) {
      const auto in = TRY(input_.Get());
      if (in.empty() && frame_done_) return 0;
      ZSTD_inBuffer from = {in.data(), in.size(), 0};
      ZSTD_outBuffer to = {buffer.data(), buffer.size(), 0};
      const size_t code = ZSTD_decompressStream(context_.get(), &to, &from);
      if (ZSTD_isError(code)) return MakeError("zstd: {}", ZSTD_getErrorName(code));
      input_.Left(in.size() - from.pos);
      frame_done_ = code == 0;
      if (to.pos > 0) return to.pos;
      if (in.empty()) return MakeError("the zstd stream ends too early");
    }
    return 0;
  }

 private:
  Input input_;
  std::unique_ptr<ZSTD_DCtx, decltype([](ZSTD_DCtx* context) { ZSTD_freeDCtx(context); })> context_;
  bool frame_done_ = false;
};

}  // namespace

std::string_view Name(Compression compression) {
  switch (compression) {
    case Compression::kNone:
      return "an uncompressed tar";
    case Compression::kGzip:
      return "gzip";
    case Compression::kZstd:
      return "zstd";
  }
  return "";
}

Compression DetectCompression(std::span<const char> start) {
  const std::string_view bytes(start.data(), start.size());
  if (bytes.starts_with("\x1f\x8b")) return Compression::kGzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::kZstd;
  // A skippable frame, which zstd:chunked may begin with.
  if (bytes.size() >= 4 && (bytes[0] & '\xf0') == 0x50 && bytes.substr(1, 3) == "\x2a\x4d\x18") {
    return Compression::kZstd;
  }
  return Compression::kNone;
}

Result<std::unique_ptr<ByteSource>> Decompress(ByteSource& below,
                                               std::optional<Compression> expected) {
  std::array<char, 4> magic;
  size_t have = 0;
  while (have < magic.size()) {
    const size_t size = TRY(below.Read(std::span(magic).subspan(have)));
    if (size == 0) break;
    have += size;
  }
  const auto start = std::span<const char>(magic).first(have);
  const Compression found = DetectCompression(start);
  if (expected && *expected != found) {
    return MakeError("its media type says {}, its content is {}", Name(*expected), Name(found));
  }
  switch (found) {
    case Compression::kGzip:
      return std::make_unique<GzipSource>(below, start);
    case Compression::kZstd:
      return std::make_unique<ZstdSource>(below, start);
    case Compression::kNone:
      break;
  }
  return std::make_unique<PlainSource>(below, start);
}

}  // namespace berth::agent::images
