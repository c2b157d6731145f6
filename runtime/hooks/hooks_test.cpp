// Hooks around containers that really run: when, where, with what, and what a failing one does.
#include "runtime/hooks/hooks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/json.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/test_box.h"

#include <nlohmann/json.hpp>

namespace berth::runtime {
namespace {

using testing::HasSubstr;

// A hook that runs the commands with the host's shell.
Hook Shell(const std::string& commands) {
  return {.path = "/bin/sh", .args = {"sh", "-c", commands}, .env = {"PATH=/usr/bin:/bin"}};
}

std::string Read(const std::string& path) { return ReadFile(path).ValueOr(""); }

TEST(Hooks, GetTheStateAndNothingElse) {
  TestBox box;
  const std::string file = box.bundle() + "/state";
  const ContainerState state = {.id = "c1",
                                .status = Status::kCreating,
                                .pid = 42,
                                .bundle = "/b \"x\"",
                                .annotations = {{"a.b", "c"}}};
  Hook hook = {.path = "/bin/sh", .args = {"sh", "-c", "cat > " + file + "; env >> " + file + "2"}};
  ASSERT_TRUE(RunHooks("poststart", {&hook, 1}, state));
  const Json json = *ParseJson(Read(file));
  EXPECT_EQ(json.dump(), R"({"ociVersion":"1.3.0","id":"c1","status":"creating","pid":42,)"
                         R"("bundle":"/b \"x\"","annotations":{"a.b":"c"}})");
  EXPECT_EQ(Read(file + "2").find("HOME="), std::string::npos);
}

TEST(Hooks, FailWithWhatTheyWrote) {
  const std::vector<Hook> hooks = {Shell("true"), Shell("echo no such network >&2; exit 3")};
  const auto run = RunHooks("createRuntime", hooks, {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().message(),
            "hooks.createRuntime[1] /bin/sh: exited with 3: no such network");
}

TEST(Hooks, AreKilledAtTheirTimeout) {
  Hook hook = Shell("sleep 100");
  hook.args[2] = "exec sleep 100";
  hook.timeout = 1;
  const auto run = RunHooks("poststop", {&hook, 1}, {});
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message(), HasSubstr("did not end within its timeout of 1 s"));
}

TEST(Hooks, RunInTheirNamespacesAndOrder) {
  TestBox box;
  const std::string log = box.bundle() + "/log";
  const auto note = [&](const std::string& what) {
    return Shell("echo " + what + " $(readlink /proc/self/ns/mnt) >> " + log);
  };
  box.spec.hooks.prestart = {note("prestart")};
  box.spec.hooks.createRuntime = {note("createRuntime")};
  box.spec.hooks.createContainer = {note("createContainer")};
  box.spec.hooks.startContainer = {
      {.path = "/bin/sh",
       .args = {"sh", "-c", "echo startContainer $(readlink /proc/self/ns/mnt) > /in"}}};
  const Outcome outcome = box.Run("readlink /proc/self/ns/mnt; cat /in");
  ASSERT_EQ(outcome.error, "");
  const auto own = *ReadFile(log);
  const auto lines = Split(Trim(own), '\n');
  ASSERT_EQ(lines.size(), 3U) << own;
  std::array<char, 64> host = {};
  ASSERT_GT(::readlink("/proc/self/ns/mnt", host.data(), host.size() - 1), 0);
  const std::string inside = Split(outcome.text, '\n')[0];
  EXPECT_EQ(lines[0], fmt::format("prestart {}", host.data()));
  EXPECT_EQ(lines[1], fmt::format("createRuntime {}", host.data()));
  EXPECT_EQ(lines[2], "createContainer " + inside);
  EXPECT_THAT(outcome.text, HasSubstr("startContainer " + inside));
}

TEST(Hooks, StopTheContainerIfOneFails) {
  const auto message = [](auto list) {
    TestBox box;
    box.spec.hooks.*list = {{.path = "/bin/false"}};
    const Outcome outcome = box.Run("echo ran > /ran");
    EXPECT_FALSE(Exists(box.root() + "/ran"));
    return outcome.error;
  };
  EXPECT_THAT(message(&Hooks::prestart), HasSubstr("hooks.prestart[0] /bin/false: exited with 1"));
  EXPECT_THAT(message(&Hooks::createRuntime), HasSubstr("hooks.createRuntime[0] /bin/false"));
  EXPECT_THAT(message(&Hooks::createContainer), HasSubstr("hooks.createContainer[0] /bin/false"));
  EXPECT_THAT(message(&Hooks::startContainer), HasSubstr("hooks.startContainer[0] /bin/false"));
}

// --- Containers that outlive their launcher ---

struct StartSocket {
  explicit StartSocket(const std::string& path) {
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listener = UniqueFd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener.get(), Address(), sizeof address), 0);
    EXPECT_EQ(::listen(listener.get(), 1), 0);
  }
  const sockaddr* Address() const { return reinterpret_cast<const sockaddr*>(&address); }
  UniqueFd Connect() const {
    UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(socket.get(), Address(), sizeof address), 0);
    return socket;
  }
  sockaddr_un address = {};
  UniqueFd listener;
};

Result<Created> CreateAt(const TestBox& box, const StartSocket& socket) {
  CreateRequest request = box.Request();
  request.start_socket = socket.listener.get();
  return Create(request);
}

TEST(KeptContainer, IsStartedThroughItsSocket) {
  TestBox box;
  box.Script("exit 7");
  const StartSocket socket(box.bundle() + "/start");
  auto created = CreateAt(box, socket);
  ASSERT_TRUE(created) << created.error().message();
  ASSERT_TRUE(Keep(*created));
  EXPECT_TRUE(StartKept(socket.Connect()));
  EXPECT_EQ(Reap(created->pid).code, 7);
}

TEST(KeptContainer, IsNotCreatedWithoutItsProgram) {
  TestBox box;
  const auto error = [&](const std::string& program) {
    box.spec.process.args = {program};
    const StartSocket socket(box.bundle() + "/start");
    const auto created = CreateAt(box, socket);
    ::unlink((box.bundle() + "/start").c_str());
    return created ? std::string() : created.error().message();
  };
  EXPECT_THAT(error("/bin/nope"), HasSubstr("exec /bin/nope: no such file or directory"));
  EXPECT_THAT(error("nope"), HasSubstr("exec nope: no such file or directory"));
  EXPECT_THAT(error("/bin"), HasSubstr("exec /bin: permission denied"));
  EXPECT_THAT(error("/etc/passwd"), HasSubstr("exec /etc/passwd: permission denied"));
}

TEST(KeptContainer, TellsWhoeverStartsItWhyItCannot) {
  TestBox box;
  ASSERT_TRUE(ReplaceFile(box.root() + "/broken", "no program", 0755));
  box.spec.process.args = {"/broken"};
  const StartSocket socket(box.bundle() + "/start");
  auto created = CreateAt(box, socket);
  ASSERT_TRUE(created) << created.error().message();
  ASSERT_TRUE(Keep(*created));
  const auto started = StartKept(socket.Connect());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message(), "exec /broken: exec format error");
  EXPECT_EQ(Reap(created->pid).code, 1);
}

TEST(KeptContainer, EndsIfNobodyKeepsIt) {
  TestBox box;
  const StartSocket socket(box.bundle() + "/start");
  auto created = CreateAt(box, socket);
  ASSERT_TRUE(created) << created.error().message();
  created->start.Reset();
  EXPECT_EQ(Reap(created->pid).code, 1);
}

TEST(KeptContainer, EndsIfItsStarterGoesAway) {
  TestBox box;
  const StartSocket socket(box.bundle() + "/start");
  auto created = CreateAt(box, socket);
  ASSERT_TRUE(created) << created.error().message();
  ASSERT_TRUE(Keep(*created));
  socket.Connect().Reset();
  EXPECT_EQ(Reap(created->pid).code, 1);
}

}  // namespace
}  // namespace berth::runtime
