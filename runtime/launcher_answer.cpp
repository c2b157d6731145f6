#include "runtime/launcher_answer.h"

#include <limits>

#include "base/wire.h"

namespace berth::runtime {
namespace {

// The first byte, which no other message between the two begins with; then the number of the
// process or -1, the errno and the text of a failure.
constexpr char kAnswer = 'a';
constexpr size_t kMostOfText = kMostOfAnswer - 64;

bool IsErrno(int64_t code) { return code >= 0 && code <= std::numeric_limits<int>::max(); }
bool IsPid(int64_t pid) { return pid > 0 && pid <= std::numeric_limits<pid_t>::max(); }

}  // namespace

Result<void> SendAnswer(int socket, const Result<Created>& created) {
  WireWriter answer;
  answer.Number(created ? created->pid : -1);
  answer.Number(created ? 0 : created.error().code());
  const std::string_view text = created ? "" : std::string_view(created.error().message());
  answer.Text(text.substr(0, kMostOfText));
  const int start = created ? created->start.get() : -1;
  return SendMessage(socket, kAnswer + answer.Take(), {&start, created ? size_t{1} : size_t{0}});
}

Result<Created> ReadAnswer(FdMessage message, std::string_view where) {
  const auto gone = [&] { return MakeError("the launcher {} has ended without an answer", where); };
  if (message.bytes.empty() || message.bytes[0] != kAnswer) return gone();
  WireReader answer(std::string_view(message.bytes).substr(1));
  const int64_t pid = answer.Number();
  const int64_t code = answer.Number();
  std::string text = answer.Text();
  if (!answer.Finish() || !IsErrno(code)) return gone();
  if (pid == -1 && message.fds.empty()) return Error(std::move(text), static_cast<int>(code));
  if (!IsPid(pid) || message.fds.size() != 1 || code != 0 || !text.empty()) return gone();
  return Created{.pid = static_cast<pid_t>(pid), .start = std::move(message.fds[0])};
}

}  // namespace berth::runtime
