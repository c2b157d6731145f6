// Containers whose system calls somebody else decides on: SCMP_ACT_NOTIFY.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd_passing.h"
#include "base/files.h"
#include "base/sys.h"
#include "runtime/test_box.h"

namespace berth::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// Writes down the state that it is sent, and answers each call it is told of with EXDEV.
[[noreturn]] void DecideOnCalls(int socket, const std::string& state_file) {
  const UniqueFd connection(::accept(socket, nullptr, nullptr));
  auto message = ReceiveMessage(connection.get(), 65536);
  if (!message || message->fds.size() != 1) ::_exit(1);
  if (!ReplaceFile(state_file, message->bytes)) ::_exit(2);
  for (;;) {
    seccomp_notif call = {};
    if (::ioctl(message->fds[0].get(), SECCOMP_IOCTL_NOTIF_RECV, &call) < 0) ::_exit(0);
    seccomp_notif_resp answer = {.id = call.id, .error = -EXDEV};
    ::ioctl(message->fds[0].get(), SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

class ContainerSeccomp : public testing::Test {
 protected:
  void SetUp() override {
    path_ = box_.bundle() + "/listener";
    socket_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address = {.sun_family = AF_UNIX};
    path_.copy(address.sun_path, path_.size());
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket_.get(), 1), 0);
    agent_ = ::fork();
    if (agent_ == 0) DecideOnCalls(socket_.get(), StateFile());
    box_.spec.linux_.seccomp =
        Seccomp{.defaultAction = "SCMP_ACT_ALLOW", .listenerPath = path_, .listenerMetadata = "m"};
  }
  void TearDown() override {
    ::kill(agent_, SIGKILL);
    Reap(agent_);
  }
  std::string StateFile() const { return box_.bundle() + "/state"; }

  TestBox box_;
  std::string path_;
  UniqueFd socket_;
  pid_t agent_ = -1;
};

TEST_F(ContainerSeccomp, SomebodyElseDecidesOnNotifiedCalls) {
  box_.spec.linux_.seccomp->syscalls = {
      {.names = {"mkdir", "mkdirat"}, .action = "SCMP_ACT_NOTIFY"}};
  EXPECT_THAT(box_.Run("mkdir /x; echo $$").text,
              AllOf(HasSubstr("Invalid cross-device link"), HasSubstr("\n1\n")));
  EXPECT_THAT(*ReadFile(StateFile()),
              AllOf(HasSubstr(R"("fds":["seccompFd"])"), HasSubstr(R"("metadata":"m")"),
                    HasSubstr(R"("status":"created")"), HasSubstr(R"("id":"box")")));
}

TEST_F(ContainerSeccomp, HandingOverTheListenerIsNotAmongTheCalls) {
  box_.spec.linux_.seccomp->syscalls = {
      {.names = {"mkdir", "mkdirat"}, .action = "SCMP_ACT_NOTIFY"},
      {.names = {"sendmsg", "sendto", "close", "nanosleep", "clock_nanosleep", "munmap"},
       .action = "SCMP_ACT_KILL_PROCESS"}};
  box_.spec.linux_.seccomp->flags = {"SECCOMP_FILTER_FLAG_TSYNC",
                                     "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
  // A static program that makes but few calls.
  box_.spec.process.args = {"/bin/mkdir", "/x"};
  const Outcome outcome = box_.Run();
  EXPECT_EQ(outcome.error, "");
  EXPECT_THAT(outcome.text, HasSubstr("Invalid cross-device link"));
}

TEST_F(ContainerSeccomp, FlagForListenersIsOfNoConsequenceWithoutOne) {
  box_.spec.linux_.seccomp = Seccomp{.defaultAction = "SCMP_ACT_ALLOW",
                                     .flags = {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"}};
  EXPECT_EQ(box_.Run("echo yes").text, "yes\n");
}

TEST_F(ContainerSeccomp, NobodyToDecideIsToldBeforeAnythingIsMade) {
  box_.spec.linux_.seccomp->syscalls = {{.names = {"mkdir"}, .action = "SCMP_ACT_NOTIFY"}};
  box_.spec.linux_.seccomp->listenerPath = "/nowhere";
  EXPECT_EQ(box_.Run("true").error,
            "seccomp: linux.seccomp.listenerPath: connect to /nowhere: No such file or "
            "directory");
}

}  // namespace
}  // namespace berth::runtime
