#include "runtime/handshake.h"

#include "base/fd_passing.h"
#include "base/wire.h"

namespace berth::runtime {
namespace {

constexpr size_t kMaxMessage = 4096;
constexpr char kFailure = 'f';

// The next message if the peer is there, an empty one if it is gone.
Result<std::string> Receive(int socket) {
  FdMessage message = TRY(ReceiveMessage(socket, kMaxMessage));
  if (message.closed) return std::string();
  if (message.bytes.empty() || message.bytes[0] != kFailure) return std::move(message.bytes);
  WireReader failure(std::string_view(message.bytes).substr(1));
  const int code = static_cast<int>(failure.Number());
  std::string text = failure.Text();
  TRY(failure.Finish());
  return Error(std::move(text), code);
}

}  // namespace

Result<void> Tell(int socket, Word word) {
  const char letter = static_cast<char>(word);
  return SendMessage(socket, {&letter, 1});
}

Result<void> Await(int socket, Word word) {
  const std::string bytes = TRY(Receive(socket));
  if (bytes.empty()) return Error("the other side of the handshake is gone", EPIPE);
  if (bytes.size() != 1 || bytes[0] != static_cast<char>(word)) {
    return MakeError("unexpected word in the handshake");
  }
  return {};
}

void TellFailure(int socket, const Error& error) {
  WireWriter failure;
  failure.Number(error.code());
  failure.Text(std::string_view(error.message()).substr(0, kMaxMessage - 64));
  // If nobody listens any more there is nobody to tell.
  static_cast<void>(SendMessage(socket, kFailure + failure.Take()));
}

Result<void> AwaitExecution(int socket) {
  const std::string bytes = TRY(Receive(socket));
  if (!bytes.empty()) return MakeError("unexpected word in the handshake");
  return {};
}

}  // namespace berth::runtime
