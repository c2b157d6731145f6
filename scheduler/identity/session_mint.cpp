#include "scheduler/identity/session_mint.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <memory>

#include "base/text.h"
#include "ecs/sha256.h"
#include "scheduler/identity/mint_keys.h"

namespace berth::scheduler {
namespace {

constexpr size_t kNonceSize = 12;
constexpr size_t kTagSize = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { ::EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
int SizeOf(std::string_view text) { return static_cast<int>(text.size()); }

// For steps that fail only for want of memory: what they would have made must not be used.
void Must(int result) {
  if (result != 1) std::abort();
}

// nonce, ciphertext, tag; `bound` must be given again to open it.
std::string Seal(std::string_view key, std::string_view plain, std::string_view bound) {
  const Cipher cipher(::EVP_CIPHER_CTX_new());
  const std::string nonce = RandomBytes(kNonceSize);
  std::string sealed(plain.size(), '\0');
  std::string tag(kTagSize, '\0');
  int size = 0;
  Must(::EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)));
  Must(::EVP_EncryptUpdate(cipher.get(), nullptr, &size, Bytes(bound), SizeOf(bound)));
  Must(::EVP_EncryptUpdate(cipher.get(), Bytes(sealed), &size, Bytes(plain), SizeOf(plain)));
  Must(::EVP_EncryptFinal_ex(cipher.get(), Bytes(sealed) + size, &size));
  Must(::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagSize, tag.data()));
  return nonce + sealed + tag;
}

std::optional<std::string> Unseal(std::string_view key, std::string_view sealed,
                                  std::string_view bound) {
  if (sealed.size() < kNonceSize + kTagSize) return std::nullopt;
  const std::string_view nonce = sealed.substr(0, kNonceSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  const std::string_view body = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  const Cipher cipher(::EVP_CIPHER_CTX_new());
  std::string plain(body.size(), '\0');
  int size = 0;
  Must(::EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(nonce)));
  Must(::EVP_DecryptUpdate(cipher.get(), nullptr, &size, Bytes(bound), SizeOf(bound)));
  Must(::EVP_DecryptUpdate(cipher.get(), Bytes(plain), &size, Bytes(body), SizeOf(body)));
  Must(::EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagSize, tag.data()));
  if (::EVP_DecryptFinal_ex(cipher.get(), Bytes(plain) + size, &size) != 1) return std::nullopt;
  return plain;
}

std::string ToBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = ::EVP_EncodeBlock(Bytes(text), Bytes(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4096) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (::EVP_DecodeBlock(Bytes(bytes), Bytes(text), static_cast<int>(text.size())) < 0) {
    return std::nullopt;
  }
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

// HMAC of the token: who does not have the key can't tell it.
std::string SecretFor(std::string_view key, std::string_view access_key_id,
                      std::string_view token) {
  constexpr size_t kSecretBytes = 30;  // 40 characters
  const std::string input = fmt::format("{} {}", access_key_id, token);
  return ToBase64(ecs::HmacSha256(key, input).substr(0, kSecretBytes));
}

// What Mint wrote.
std::optional<SessionClaims> ReadClaims(std::string_view text) {
  const std::vector<std::string> parts = Split(text, '\n');
  const auto seconds = parts.size() == 3 ? ParseInteger<int64_t>(parts[0]) : std::nullopt;
  if (!seconds) return std::nullopt;
  return SessionClaims{.role_arn = parts[1],
                       .session_name = parts[2],
                       .expiration = WallTime(std::chrono::seconds(*seconds))};
}

}  // namespace

Result<SessionMint::Keys> SessionMint::ReadKeys(std::string_view seal_key) {
  std::string key;
  for (size_t i = 0; i + 1 < seal_key.size(); i += 2) {
    const auto byte = ParseInteger<unsigned>(seal_key.substr(i, 2), 16);
    if (!byte) break;
    key += static_cast<char>(*byte);
  }
  if (seal_key.size() != 64 || key.size() != 32) {
    return MakeError("the seal key must be 64 hexadecimal digits");
  }
  return Keys{.seal = ecs::HmacSha256(key, "berth session token"),
              .secret = ecs::HmacSha256(key, "berth session secret")};
}

tl::unexpected<ecs::ApiError> UnrecognizedToken() {
  return ecs::Refuse("UnrecognizedClientException",
                     "The security token included in the request is invalid.");
}

Result<SessionMint> SessionMint::Make(std::string_view seal_key, std::string_view previous) {
  std::vector<Keys> keys = {TRY(ReadKeys(seal_key))};
  if (!previous.empty()) keys.push_back(TRY(ReadKeys(previous)));
  return SessionMint(std::move(keys));
}

MintedSession SessionMint::Mint(const SessionWish& wish, WallTime now) const {
  // Whole seconds, which every reader of the expiration understands alike.
  const auto expiration = std::chrono::time_point_cast<std::chrono::seconds>(now + wish.lifetime);
  const Keys& keys = keys_.front();
  MintedSession minted = {.expiration = expiration};
  ecs::AwsCredentials& credentials = minted.credentials;
  credentials.access_key_id = MintTemporaryKeyId();
  const std::string claims = fmt::format("{}\n{}\n{}", expiration.time_since_epoch().count(),
                                         wish.role_arn, wish.session_name);
  credentials.session_token = ToBase64(Seal(keys.seal, claims, credentials.access_key_id));
  credentials.secret_access_key =
      SecretFor(keys.secret, credentials.access_key_id, credentials.session_token);
  return minted;
}

ecs::ApiResult<SessionClaims> SessionMint::Open(std::string_view token,
                                                std::string_view access_key_id,
                                                WallTime now) const {
  const auto sealed = FromBase64(token);
  if (!sealed) return UnrecognizedToken();
  for (const Keys& keys : keys_) {
    const auto plain = Unseal(keys.seal, *sealed, access_key_id);
    if (!plain) continue;
    auto claims = ReadClaims(*plain);
    if (!claims) return UnrecognizedToken();
    if (claims->expiration <= now) {
      return ecs::Refuse("ExpiredTokenException",
                         "The security token included in the request is expired");
    }
    claims->secret_access_key = SecretFor(keys.secret, access_key_id, token);
    return *std::move(claims);
  }
  return UnrecognizedToken();
}

}  // namespace berth::scheduler
