#include "runtime/cli/exec_process.h"

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "runtime/process/capabilities.h"
#include "runtime/process/program.h"
#include "runtime/process/user.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime::cli {
namespace {

void Add(std::vector<std::string>& set, const std::string& capability) {
  if (std::find(set.begin(), set.end(), capability) == set.end()) set.push_back(capability);
}

Result<void> AddCapabilities(Capabilities& sets, const std::vector<std::string>& names) {
  for (std::string name : names) {
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    if (!name.starts_with("CAP_")) name.insert(0, "CAP_");
    TRY(CapabilityBits({name}).Context("--cap"));
    for (auto* set : {&sets.bounding, &sets.effective, &sets.permitted}) Add(*set, name);
  }
  return {};
}

Result<void> SetUser(Process& process, const Arguments& arguments) {
  if (arguments.Has("user")) {
    const std::string text = arguments.Value("user");
    const User user = TRY(ParseUser(text).Context("--user {}", text));
    process.user.uid = user.uid;
    process.user.gid = user.gid;
  }
  for (const std::string& gid : arguments.Values("additional-gids")) {
    const auto number = ParseInteger<uint32_t>(gid);
    if (!number) return MakeError("--additional-gids {}: must be a number", gid);
    process.user.additionalGids.push_back(*number);
  }
  return {};
}

}  // namespace

Result<Process> ProcessToExecute(const Spec& spec, const Arguments& arguments) {
  const auto& words = arguments.words();
  if (arguments.Has("process")) {
    if (words.size() > 1)
      return MakeError("--process takes the place of a program on the command line");
    const std::string path = arguments.Value("process");
    Process process = TRY(ParseProcess(TRY(ReadFile(path))).Context("{}", path));
    process.terminal |= arguments.Has("tty");
    return process;
  }
  if (words.size() < 2) return MakeError("no program is given to execute");
  Process process = spec.process;
  process.args.assign(words.begin() + 1, words.end());
  process.terminal = arguments.Has("tty");
  process.consoleSize.reset();
  process.cwd = arguments.Value("cwd", process.cwd);
  for (const std::string& variable : arguments.Values("env")) {
    if (variable.find('=') == std::string::npos || variable[0] == '=') {
      return MakeError("--env {}: must be NAME=VALUE", variable);
    }
    SetVariable(process.env, variable);
  }
  TRY(SetUser(process, arguments));
  TRY(AddCapabilities(process.capabilities, arguments.Values("cap")));
  if (arguments.Has("no-new-privs")) process.noNewPrivileges = true;
  process.apparmorProfile = arguments.Value("apparmor", process.apparmorProfile);
  process.selinuxLabel = arguments.Value("process-label", process.selinuxLabel);
  return process;
}

}  // namespace berth::runtime::cli
