#include "agent/images/digest.h"

// The functions below are deprecated in favour of EVP's, whose first use costs a millisecond: it
// reads openssl.cnf and registers every algorithm. A command that only reads images' configs, as
// berth run of an image that is here, must not pay that.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace berth::agent::images {

Result<Digest> Digest::Parse(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!text.starts_with(kPrefix)) {
    return MakeError("digest \"{}\" must start with \"sha256:\"", text);
  }
  const std::string_view hex = text.substr(kPrefix.size());
  if (hex.size() != 64 || !std::all_of(hex.begin(), hex.end(), is_hex)) {
    return MakeError("digest \"{}\" must have 64 lower-case hexadecimal digits", text);
  }
  return Digest(std::string(hex));
}

Digest Digest::Of(std::string_view content) {
  Sha256 sha;
  sha.Update(content);
  return sha.Finish();
}

struct Sha256::State {
  SHA256_CTX context;
};

// SHA256's functions have no way to fail.
Sha256::Sha256() : state_(std::make_unique<State>()) { SHA256_Init(&state_->context); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Update(std::span<const char> data) {
  SHA256_Update(&state_->context, data.data(), data.size());
}

Digest Sha256::Finish() {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes;
  SHA256_Final(bytes.data(), &state_->context);
  return Digest(Hex(std::string(bytes.begin(), bytes.end())));
}

}  // namespace berth::agent::images
