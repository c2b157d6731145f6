// What layers are compressed with.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "agent/images/byte_source.h"

namespace berth::agent::images {

enum class Compression { kNone, kGzip, kZstd };

std::string_view Name(Compression compression);
/// By the magic number that `start` begins with (RFC 1952 2.3.1, RFC 8878 3.1); kNone if none does.
Compression DetectCompression(std::span<const char> start);

/// The content of `below` (borrowed), uncompressed. What it is compressed with its first bytes
/// tell; if `expected` is given they must agree with it. A stream that ends early, fails its
/// checksum or goes on with something else after its end is an error at the read that meets it.
Result<std::unique_ptr<ByteSource>> Decompress(ByteSource& below,
                                               std::optional<Compression> expected);

}  // namespace berth::agent::images
