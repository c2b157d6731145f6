// Frames and requests that say they are signed: refused by a word, never taken for signed. What is
// signed here, whatever its address and headers are, is verified, and no more once it is altered.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ecs/sigv4.h"

namespace ecs = berth::ecs;

namespace {

constexpr std::string_view kSecret = "secretstub";

void ReadHostile(std::string_view target, std::string_view frame) {
  const auto read = ecs::ReadSignedFrame(target, frame);
  if (!read) {
    if (read.error().code.empty()) std::abort();
    return;
  }
  const auto signature = ecs::ReadSignature(read->request);
  if (!signature) {
    if (signature.error().message.empty()) std::abort();
    return;
  }
  if (ecs::VerifySignature(read->request, *signature, kSecret, signature->time)) std::abort();
  if (ecs::VerifySignature(read->request, *signature, kSecret, berth::Now())) std::abort();
}

void SignAndVerify(std::string_view target, std::string_view value, std::string_view body) {
  const berth::WallTime now = berth::Now();
  auto request = decltype(ecs::SignedFrame::request){.method = "POST"};
  request.target = target;
  request.headers = {{"Host", "a"}, {"X-Amz-Target", std::string(value)}, {"x-amz-target", "b"}};
  request.body = body;
  ecs::Sign(request, {.access_key_id = "A", .secret_access_key = std::string(kSecret)},
            {.region = "us-east-1"}, now);
  const auto signature = ecs::ReadSignature(request);
  if (!signature) {
    if (target.find("X-Amz-Signature=") == std::string_view::npos) std::abort();
    return;
  }
  if (!ecs::VerifySignature(request, *signature, kSecret, now)) std::abort();
  request.body += 'x';
  if (ecs::VerifySignature(request, *signature, kSecret, now)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t line = input.find('\n');
  const std::string_view target = input.substr(0, line);
  const std::string_view rest =
      line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  ReadHostile(target, rest);
  const size_t next = rest.find('\n');
  SignAndVerify(target, rest.substr(0, next),
                next == std::string_view::npos ? std::string_view() : rest.substr(next + 1));
  return 0;
}
