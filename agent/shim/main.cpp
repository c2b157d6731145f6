// berth-shim: the parent of one task's containers.
//
//   berth-shim PLAN
//
// Started by the agent with the task's network namespaces and held ports as open descriptors, which
// it keeps for as long as the task lives. Outlives whoever started it. At the end it becomes the
// plan's finisher, which cleans up, unless somebody has taken that upon himself.
#include <unistd.h>

#include <cstdlib>

#include "agent/shim/control_server.h"
#include "agent/shim/plan.h"
#include "agent/shim/supervisor.h"
#include "base/files.h"
#include "base/log.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/process/read_only_self.h"

namespace berth::agent::shim {
namespace {

Result<TaskPlan> LoadPlan(const std::string& path) {
  return DecodePlan(TRY(ReadFile(path))).Context("{}", path);
}

void BecomeFinisher(const TaskPlan& plan) {
  std::vector<char*> argv;
  for (const std::string& argument : plan.finisher) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  log::Error("{}", ErrnoError("start {}", plan.finisher[0]).message());
}

// The agent starts the shim with a socket in BERTH_START_FD. It is told there that the shim is
// ready, writes down who the shim is, and answers. Without the answer nothing is started: a shim
// that nobody knows of would run a task that nobody can clean up after.
Result<void> AwaitStart() {
  const char* variable = ::getenv("BERTH_START_FD");
  const auto number = variable == nullptr ? std::nullopt : ParseInteger<int>(variable);
  if (!number) return MakeError("BERTH_START_FD is not set");
  const UniqueFd socket(*number);
  TRY(sys::WriteAll(socket.get(), "r"));
  char answer;
  if (TRY(sys::Read(socket.get(), {&answer, 1})) == 0) return MakeError("the agent has gone");
  ::unsetenv("BERTH_START_FD");
  return {};
}

Result<void> Main(const std::string& plan_path) {
  TRY(sys::CloseOnExecFrom(3));
  auto supervisor = TRY(Supervisor::Create(TRY(LoadPlan(plan_path))));
  bool owned = false;
  {
    auto control = TRY(ControlServer::Start(*supervisor));
    TRY(FaultPoint("shim", "listening"));
    TRY(AwaitStart());
    TRY(supervisor->Run());
    owned = control->Owned();
  }
  TRY(FaultPoint("shim", "stopped"));
  if (!owned && !supervisor->plan().finisher.empty()) BecomeFinisher(supervisor->plan());
  return {};
}

}  // namespace
}  // namespace berth::agent::shim

int main(int argc, char** argv) {
  using namespace berth;
  if (argc != 2) {
    log::Error("usage: berth-shim PLAN (it is started by berth, not by hand)");
    return 2;
  }
  if (auto sealed = runtime::RunFromReadOnlyMount(argv, environ); !sealed) {
    log::Error("berth-shim: {}", sealed.error().message());
    return 1;
  }
  if (auto done = agent::shim::Main(argv[1]); !done) {
    log::Error("berth-shim: {}", done.error().message());
    return 1;
  }
  return 0;
}
