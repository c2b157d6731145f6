#include "agent/doctor/trial.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/files.h"
#include "base/pidfd.h"
#include "base/sys.h"
#include "base/wire.h"

namespace berth::doctor {
namespace {

Result<void> Apart(int namespaces, const std::function<Result<void>()>& work) {
  if (namespaces != 0) TRY(sys::Unshare(namespaces));
  if ((namespaces & CLONE_NEWNS) != 0)
    TRY(sys::Mount("none", "/", nullptr, MS_REC | MS_PRIVATE, ""));
  return work();
}

// The child's answer: an errno and a message; both empty if all went well.
std::string Encode(const Result<void>& done) {
  WireWriter answer;
  answer.Number(done ? 0 : done.error().code());
  answer.Text(done ? "" : done.error().message());
  return answer.Take();
}

Result<void> Decode(const std::string& bytes) {
  WireReader answer(bytes);
  const auto code = static_cast<int>(answer.Number());
  std::string message = answer.Text();
  TRY(answer.Finish().Context("the trial ended without an answer"));
  if (!message.empty()) return Error(std::move(message), code);
  return {};
}

}  // namespace

Result<void> TryInChild(int namespaces, const std::function<Result<void>()>& work) {
  auto [answer_in, answer_out] = TRY(sys::Pipe());
  const pid_t pid = TRY(sys::Clone({}));
  if (pid == 0) {
    const bool told =
        static_cast<bool>(sys::WriteAll(answer_out.get(), Encode(Apart(namespaces, work))));
    ::_exit(told ? 0 : 1);
  }
  answer_out.Reset();
  Pidfd child = TRY(Pidfd::Open(pid));
  const auto answer = ReadAll(answer_in.get());
  TRY(child.Reap());
  return Decode(TRY(answer));
}

Finding Judge(const Verdict& verdict, const Result<void>& tried) {
  if (tried) return {.name = verdict.name, .state = State::kOk, .found = verdict.works};
  // The kernel may well be able to, if only it were asked by someone else.
  const bool forbidden = tried.error().Is(EPERM) || tried.error().Is(EACCES);
  return {
      .name = verdict.name,
      .state = verdict.without,
      .found = tried.error().message(),
      .change = forbidden ? "run as root, outside of containers and sandboxes" : verdict.change};
}

}  // namespace berth::doctor
