// What the processes of a launch say to each other over their sockets; the container's program may
// be about to run on one side. The input is one message, its first byte apart: whether a descriptor
// comes with it. Nothing but what TellFailure and SendAnswer send is believed.
#include <fcntl.h>
#include <sys/socket.h>

#include "base/fd_passing.h"
#include "base/sys.h"
#include "base/wire.h"
#include "runtime/handshake.h"
#include "runtime/launcher_answer.h"
#include "tests/fuzz/target.h"

namespace {

using namespace berth;           // NOLINT
using namespace berth::runtime;  // NOLINT

struct Sockets {
  UniqueFd mine;
  UniqueFd its;
};

// What the other side makes of the message; nothing else is there to be read then.
template <typename Read>
auto Heard(std::string_view message, Read read) {
  static const Sockets pair = [] {
    auto [mine, its] = *sys::SocketPair(SOCK_SEQPACKET);
    return Sockets{std::move(mine), std::move(its)};
  }();
  Expect(SendMessage(pair.mine.get(), message).has_value(), "can't be sent", message);
  return read(pair.its.get());
}

std::string FailureText(const Error& error) {
  auto [mine, its] = *sys::SocketPair(SOCK_SEQPACKET);
  TellFailure(mine.get(), error);
  const auto heard = AwaitExecution(its.get());
  Expect(!heard && heard.error().code() == error.code(), "a failure is lost", error.message());
  return heard.error().message();
}

void HearWords(std::string_view message) {
  for (const Word word : {Word::kMapped, Word::kReady, Word::kHooked}) {
    const auto heard = Heard(message, [&](int socket) { return Await(socket, word); });
    const bool is_word = message.size() == 1 && message[0] == static_cast<char>(word);
    Expect(heard.has_value() == is_word, "heard as another word", message);
  }
  // An empty message is what the end of the other side looks like: it has executed its program.
  const auto executed = Heard(message, AwaitExecution);
  Expect(executed.has_value() == message.empty(), "heard as the end", message);
}

void HearAnswer(std::string_view message, bool with_descriptor) {
  FdMessage answer = {.bytes = std::string(message)};
  if (with_descriptor) answer.fds.push_back(*sys::Open("/dev/null", O_RDONLY));
  const auto read = ReadAnswer(std::move(answer), "there");
  if (read) {
    Expect(with_descriptor && read->start && read->pid > 0, "no container", message);
    return;
  }
  auto [mine, its] = *sys::SocketPair(SOCK_SEQPACKET);
  Expect(SendAnswer(mine.get(), read.error()).has_value(), "can't be answered", message);
  const auto again = ReadAnswer(*ReceiveMessage(its.get(), kMostOfAnswer), "there");
  Expect(!again && again.error().code() == read.error().code() &&
             again.error().message() == read.error().message(),
         "answered as something else", message);
}

// The form that all of them are made of.
void ReadWire(std::string_view message) {
  WireReader in(message);
  WireWriter out;
  out.Number(in.Number());
  out.Texts(in.Texts());
  out.Text(in.Text());
  if (in.Finish()) Expect(out.Take() == message, "written as something else", message);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view message = Text(data, size).substr(std::min<size_t>(size, 1));
  HearWords(message);
  HearAnswer(message, size > 0 && data[0] % 2 == 1);
  ReadWire(message);
  const std::string text(message);
  const std::string heard = FailureText(Error(text, static_cast<int>(size)));
  Expect(text.starts_with(heard) && (heard == text || heard.size() > 4000), "cut", text);
  return 0;
}
