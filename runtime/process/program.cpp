#include "runtime/process/program.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
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
  const std::string normal = NormalPath(cwd);
  if (normal.empty()) return ::fchdir(root) < 0 ? ErrnoError("chdir /") : Result<void>();
  const UniqueFd directory = TRY(OpenInRoot(root, normal, O_PATH | O_DIRECTORY));
  if (::fchdir(directory.get()) < 0) return ErrnoError("chdir {}", cwd);
  // The kernel's own word for where we are: it has none for a place that "/" doesn't lead to.
  std::array<char, PATH_MAX> place;
  if (::getcwd(place.data(), place.size()) == nullptr) {
    return ErrnoError("{} is outside of the container's root", cwd);
  }
  return {};
}

void SetVariable(std::vector<std::string>& env, const std::string& variable) {
  const std::string name = variable.substr(0, variable.find('=') + 1);
  const auto same = std::find_if(env.begin(), env.end(),
                                 [&](const std::string& other) { return other.starts_with(name); });
  if (same != env.end()) {
    *same = variable;
  } else {
    env.push_back(variable);
  }
}

Result<std::vector<std::string>> MakeEnvironment(int root, const Process& process) {
  std::vector<std::string> env = process.env;
  if (Find(env, "HOME").empty()) {
    env.push_back("HOME=" + TRY(HomeDirectory(root, process.user.uid)));
  }
  return env;
}

namespace {

// The reason is in errno, and is told as Go's programs spell it, "no such file or directory":
// docker tells the exit statuses 127 and 126 by these very words.
Error CannotExecute(const std::string& name) {
  const int code = errno;
  std::string reason = ErrnoMessage(code);
  reason[0] = static_cast<char>(std::tolower(reason[0]));
  return Error(fmt::format("exec {}: {}", name, reason), code);
}

// Calls `attempt` with each path that may be meant, as execvp(3) does but in the container's PATH:
// what can't be executed is passed over, and remembered in case nothing better comes. `attempt`
// leaves the reason in errno; true ends the search.
template <typename Attempt>
std::optional<Error> Search(const std::vector<std::string>& args,
                            const std::vector<std::string>& env, const Attempt& attempt) {
  const std::string& name = args[0];
  if (name.find('/') != std::string::npos) {
    if (attempt(name)) return std::nullopt;
    return CannotExecute(name);
  }
  int reason = ENOENT;
  const std::string_view path = Find(env, "PATH");
  for (const std::string& directory : Split(path.empty() ? kDefaultPath : path, ':')) {
    if (directory.empty() || name.empty()) continue;
    if (attempt(directory + "/" + name)) return std::nullopt;
    if (errno == EACCES) reason = EACCES;
    if (errno == ENOENT || errno == ENOTDIR || errno == EACCES) continue;
    return CannotExecute(fmt::format("{}/{}", directory, name));
  }
  errno = reason;
  return CannotExecute(name);
}

}  // namespace

Error Execute(const std::vector<std::string>& args, const std::vector<std::string>& env) {
  const std::vector<char*> argv = Pointers(args);
  const std::vector<char*> envp = Pointers(env);
  return *Search(args, env, [&](const std::string& path) {
    ::execve(path.c_str(), argv.data(), envp.data());
    return false;
  });
}

Result<void> CheckExecutable(const std::vector<std::string>& args,
                             const std::vector<std::string>& env) {
  auto missing = Search(args, env, [](const std::string& path) {
    struct stat info;
    if (::stat(path.c_str(), &info) < 0) return false;
    if (S_ISDIR(info.st_mode)) errno = EACCES;
    return !S_ISDIR(info.st_mode) && ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0;
  });
  if (missing) return std::move(*missing);
  return {};
}

}  // namespace berth::runtime
