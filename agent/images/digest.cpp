#include "agent/images/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdlib>

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
  std::unique_ptr<EVP_MD_CTX, decltype([](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); })>
      context{EVP_MD_CTX_new()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  // Fails only without memory, or if OpenSSL was built without sha256: no way on in either case.
  if (EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) != 1) std::abort();
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Update(std::span<const char> data) {
  EVP_DigestUpdate(state_->context.get(), data.data(), data.size());
}

Digest Sha256::Finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &size);
  return Digest(Hex(std::string(bytes.begin(), bytes.begin() + size)));
}

}  // namespace berth::agent::images
