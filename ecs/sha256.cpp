#include "ecs/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <initializer_list>
#include <memory>

#include "base/text.h"

namespace berth::ecs {
namespace {

constexpr size_t kBlockSize = 64;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { ::EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// Fetched once and hashed with one context a thread: EVP_sha256() and HMAC() look the algorithm up
// by its name, under a lock, every time (OpenSSL 3.0), which takes longer than a short hash.
const EVP_MD* Algorithm() {
  static const EVP_MD* const algorithm = ::EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

EVP_MD_CTX* ContextOfThread() {
  static thread_local const Context context(::EVP_MD_CTX_new());
  return context.get();
}

std::string Hash(std::initializer_list<std::string_view> parts) {
  EVP_MD_CTX* context = ContextOfThread();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  bool done = ::EVP_DigestInit_ex(context, Algorithm(), nullptr) == 1;
  for (const std::string_view part : parts) {
    done = done && ::EVP_DigestUpdate(context, part.data(), part.size()) == 1;
  }
  // It can't fail but for want of memory or of the library's own files; a digest of nothing must
  // not pass for one.
  if (!done || ::EVP_DigestFinal_ex(context, digest, &size) != 1) std::abort();
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string Padded(std::string_view key, char pad) {
  std::string padded(key);
  padded.resize(kBlockSize, '\0');
  for (char& byte : padded) byte = static_cast<char>(byte ^ pad);
  return padded;
}

}  // namespace

std::string Sha256(std::string_view data) { return Hash({data}); }

std::string Sha256Hex(std::string_view data) { return Hex(Sha256(data)); }

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string hashed;
  if (key.size() > kBlockSize) key = hashed = Sha256(key);
  return Hash({Padded(key, 0x5c), Hash({Padded(key, 0x36), data})});
}

}  // namespace berth::ecs
