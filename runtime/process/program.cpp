#include "runtime/process/program.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/text.h"
#include "runtime/mounts/in_root.h"
#include "runtime/process/passwd.h"

namespace berth::runtime {
namespace {

// What a container without PATH in its environment searches, as with Docker.
constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::string_view Find(const std::vector<std::string>& env, std::string_view name) {
  for (const std::string& entry : env) {
    const std::string_view text = entry;
    if (text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=') {
      return text.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace

Result<void> EnterWorkingDirectory(int root, const std::string& cwd) {
  const UniqueFd directory = TRY(OpenInRoot(root, NormalPath(cwd), O_PATH | O_DIRECTORY));
  if (::fchdir(directory.get()) < 0) return ErrnoError("chdir {}", cwd);
  // The kernel's own word for where we are: it has none for a place that "/" doesn't lead to.
  std::array<char, PATH_MAX> place;
  if (::getcwd(place.data(), place.size()) == nullptr) {
    return ErrnoError("{} is outside of the container's root", cwd);
  }
  return {};
}

Result<std::vector<std::string>> MakeEnvironment(int root, const Process& process) {
  std::vector<std::string> env = process.env;
  if (Find(env, "HOME").empty()) {
    env.push_back("HOME=" + TRY(HomeDirectory(root, process.user.uid)));
  }
  return env;
}

Error Execute(const std::vector<std::string>& args, const std::vector<std::string>& env) {
  const std::vector<char*> argv = Pointers(args);
  const std::vector<char*> envp = Pointers(env);
  const std::string& name = args[0];
  if (name.find('/') != std::string::npos) {
    ::execve(name.c_str(), argv.data(), envp.data());
    return ErrnoError("exec {}", name);
  }
  // As execvp(3) searches, but in the container's PATH: what can't be executed is passed over, and
  // remembered in case nothing better comes.
  int reason = ENOENT;
  const std::string_view path = Find(env, "PATH");
  for (const std::string& directory : Split(path.empty() ? kDefaultPath : path, ':')) {
    if (directory.empty() || name.empty()) continue;
    ::execve((directory + "/" + name).c_str(), argv.data(), envp.data());
    if (errno == EACCES) reason = EACCES;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) continue;
    return ErrnoError("exec {}/{}", directory, name);
  }
  errno = reason;
  return ErrnoError("exec {}", name);
}

}  // namespace berth::runtime
