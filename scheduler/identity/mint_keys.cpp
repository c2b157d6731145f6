#include "scheduler/identity/mint_keys.h"

#include <sys/random.h>

#include <cstdlib>

namespace berth::scheduler {
namespace {

std::string RandomText(size_t size, std::string_view alphabet) {
  // The alphabets divide 256, so that every character is as likely.
  std::string text;
  for (const char byte : RandomBytes(size)) {
    text += alphabet[static_cast<unsigned char>(byte) % alphabet.size()];
  }
  return text;
}

constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string RandomBytes(size_t bytes) {
  std::string random(bytes, '\0');
  // Up to 256 bytes come whole, once the kernel has any entropy (getrandom(2)).
  if (bytes > 256 || ::getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    std::abort();
  }
  return random;
}

ecs::AwsCredentials MintAccessKey() {
  return {.access_key_id = "AKIA" + RandomText(16, kBase32),
          .secret_access_key = RandomText(40, kBase64)};
}

std::string MintTemporaryKeyId() { return "ASIA" + RandomText(16, kBase32); }

}  // namespace berth::scheduler
