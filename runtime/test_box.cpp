#include "runtime/test_box.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/spec/default_spec.h"

namespace berth::runtime {
namespace {

constexpr const char* kApplets[] = {
    "cat",   "chmod", "echo",  "grep",  "head", "hostname", "id",       "kill", "ln",
    "ls",    "mkdir", "mknod", "mount", "ps",   "pwd",      "readlink", "rm",   "sh",
    "sleep", "stat",  "stty",  "touch", "true", "tty",      "unshare",  "wc"};

void MustWrite(const std::string& path, const std::string& content) {
  const auto written = ReplaceFile(path, content);
  ASSERT_TRUE(written) << written.error().message();
}

}  // namespace

ExitStatus Reap(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return ExitStatus::FromWait(status);
}

TestBox::TestBox() {
  std::string pattern = "/tmp/berth-box-XXXXXX";
  bundle_ = ::mkdtemp(pattern.data());
  EXPECT_EQ(::chmod(bundle_.c_str(), 0755), 0);
  EXPECT_TRUE(sys::MakeDirectories(root() + "/bin", 0755));
  EXPECT_TRUE(sys::MakeDirectories(root() + "/etc", 0755));
  const auto busybox = ReadFile("/bin/busybox");
  EXPECT_TRUE(busybox) << "needs the package busybox-static";
  EXPECT_TRUE(ReplaceFile(root() + "/bin/busybox", busybox ? *busybox : "", 0755));
  for (const char* applet : kApplets) {
    EXPECT_EQ(::symlink("busybox", (root() + "/bin/" + applet).c_str()), 0);
  }
  MustWrite(root() + "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\n"
            "app:x:1000:1000:app:/home/app:/bin/sh\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n");
  MustWrite(root() + "/etc/group", "root:x:0:\napp:x:1000:\nweb:x:2000:nobody,app\n");
  spec = DefaultSpec();
  spec.root.path = "rootfs";
  Script("true");
}

TestBox::~TestBox() { EXPECT_TRUE(sys::RemoveTree(bundle_)); }

CreateRequest TestBox::Request() const { return {.id = "box", .spec = &spec, .bundle = bundle_}; }

Outcome TestBox::Run() {
  Outcome outcome;
  auto [read_end, write_end] = std::move(*sys::Pipe());
  CreateRequest request = Request();
  request.stdio = {.out = write_end.get(), .err = write_end.get()};
  auto created = Create(request);
  write_end.Reset();
  if (!created) return {created.error().message(), created.error().code(), {}, ""};
  if (const auto started = Start(*created); !started) {
    outcome.error = started.error().message();
    outcome.error_code = started.error().code();
  }
  outcome.text = *ReadAll(read_end.get());
  outcome.status = Reap(created->pid);
  return outcome;
}

RunningBox::RunningBox(TestBox& box) : box_(&box) {
  box.spec.process.args = {"/bin/sleep", "1000"};
  auto created = Create(box.Request());
  EXPECT_TRUE(created) << created.error().message();
  if (!created) return;
  created_ = std::move(*created);
  const auto started = Start(created_);
  EXPECT_TRUE(started) << started.error().message();
}

RunningBox::~RunningBox() {
  if (pid() <= 0) return;
  ::kill(pid(), SIGKILL);
  Reap(pid());
}

Outcome RunningBox::Exec(const Process& process) {
  Outcome outcome;
  auto [read_end, write_end] = std::move(*sys::Pipe());
  const auto child = runtime::Exec({.init = pid(),
                                    .process = &process,
                                    .spec = &box_->spec,
                                    .stdio = {.out = write_end.get(), .err = write_end.get()}});
  write_end.Reset();
  if (!child) return {child.error().message(), child.error().code(), {}, ""};
  outcome.text = *ReadAll(read_end.get());
  outcome.status = Reap(*child);
  return outcome;
}

Outcome RunningBox::Exec(const std::string& commands) {
  Process process = box_->spec.process;
  process.args = {"/bin/sh", "-c", commands};
  return Exec(process);
}

}  // namespace berth::runtime
