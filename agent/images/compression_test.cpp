#include "agent/images/compression.h"

#include <gtest/gtest.h>

#include "agent/images/sources.h"
#include "agent/images/test_images.h"

namespace berth::agent::images {
namespace {

// Gives its content in pieces of one size, as a network would.
class Pieces : public ByteSource {
 public:
  Pieces(std::string content, size_t piece) : all_(std::move(content)), piece_(piece) {}
  Result<size_t> Read(std::span<char> buffer) override {
    return all_.Read(buffer.first(std::min(buffer.size(), piece_)));
  }

 private:
  MemorySource all_;
  size_t piece_;
};

std::string Text() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) text += std::to_string(i * i);
  return text;
}

std::string Uncompress(const std::string& content, size_t piece,
                       std::optional<Compression> expected = std::nullopt) {
  Pieces source(content, piece);
  const auto plain = Decompress(source, expected);
  if (!plain) return plain.error().message();
  const auto text = ReadAll(**plain, 64 << 20);
  return text ? *text : text.error().message();
}

TEST(Decompress, ReadsEachKindInPiecesOfAnySize) {
  const std::string text = Text();
  for (const size_t piece : {1, 3, 7, 512, 100'000, 10'000'000}) {
    EXPECT_EQ(Uncompress(Gzip(text), piece), text) << piece;
    EXPECT_EQ(Uncompress(Zstd(text), piece), text) << piece;
    EXPECT_EQ(Uncompress(text, piece), text) << piece;
  }
}

TEST(Decompress, ReadsSeveralMembersInARow) {
  for (const size_t piece : {1, 2, 5, 13, 100'000}) {
    EXPECT_EQ(Uncompress(Gzip("one ") + Gzip("two ") + Gzip(""), piece), "one two ") << piece;
    EXPECT_EQ(Uncompress(Zstd("one ") + Zstd("two"), piece), "one two") << piece;
  }
}

TEST(Decompress, NoticesEachCut) {
  const std::string gzip = Gzip("some text that is long enough");
  for (size_t size = 4; size < gzip.size(); ++size) {
    EXPECT_EQ(Uncompress(gzip.substr(0, size), 5), "the gzip stream ends too early") << size;
  }
  const std::string zstd = Zstd("some text that is long enough");
  for (size_t size = 4; size < zstd.size(); ++size) {
    EXPECT_EQ(Uncompress(zstd.substr(0, size), 5), "the zstd stream ends too early") << size;
  }
}

TEST(Decompress, TakesWhatItWasToldAlone) {
  EXPECT_EQ(Uncompress("text", 4, Compression::kGzip),
            "its media type says gzip, its content is an uncompressed tar");
  EXPECT_EQ(Uncompress(Gzip("text"), 4, Compression::kNone),
            "its media type says an uncompressed tar, its content is gzip");
  EXPECT_EQ(Uncompress("", 4), "");
}

}  // namespace
}  // namespace berth::agent::images
