#include "runtime/hooks/hooks.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>

#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::runtime {
namespace {

// Files in memory rather than pipes: nobody need read while the hook writes.
Result<UniqueFd> MemoryFile(const char* name) {
  UniqueFd file(::memfd_create(name, MFD_CLOEXEC));
  if (!file) return ErrnoError("memfd_create");
  return file;
}

Result<UniqueFd> InputOf(const std::string& json) {
  UniqueFd input = TRY(MemoryFile("hook-state"));
  TRY(sys::WriteAll(input.get(), json));
  if (::lseek(input.get(), 0, SEEK_SET) < 0) return ErrnoError("lseek");
  return input;
}

// The last that a hook wrote, for the message about its failure.
std::string LastOutput(int output) {
  constexpr off_t kMost = 1024;
  struct stat info;
  if (::fstat(output, &info) < 0 || info.st_size == 0) return "";
  std::string words(static_cast<size_t>(std::min(info.st_size, kMost)), '\0');
  const ssize_t size =
      ::pread(output, words.data(), words.size(), std::max<off_t>(0, info.st_size - kMost));
  words.resize(static_cast<size_t>(std::max<ssize_t>(0, size)));
  return fmt::format(": {}", Trim(words));
}

Result<void> RunHook(const Hook& hook, const std::string& json, const HookStreams& streams) {
  const UniqueFd input = TRY(InputOf(json));
  const UniqueFd output = TRY(MemoryFile("hook-output"));
  Command command = {.argv = hook.args,
                     .path = hook.path,
                     .env = hook.env,
                     .in = input.get(),
                     .out = streams.out ? streams.out.get() : output.get(),
                     .err = streams.err ? streams.err.get() : output.get()};
  if (command.argv.empty()) command.argv.push_back(hook.path);
  Pidfd process = TRY(Spawn(command));
  std::optional<std::chrono::milliseconds> limit;
  if (hook.timeout) limit = std::chrono::seconds(*hook.timeout);
  const bool ended = TRY(process.WaitForEnd(limit));
  if (!ended) TRY(process.Signal(SIGKILL));
  const ExitStatus status = TRY(process.Reap());
  if (!ended) {
    return MakeError("did not end within its timeout of {} s{}", *hook.timeout,
                     LastOutput(output.get()));
  }
  if (status.signal != 0) {
    return MakeError("ended by signal {}{}", status.signal, LastOutput(output.get()));
  }
  if (status.code != 0) return MakeError("exited with {}{}", status.code, LastOutput(output.get()));
  return {};
}

Result<UniqueFd> OpenToAppend(const std::string& path) {
  if (path.empty()) return UniqueFd();
  return sys::Open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY, 0600);
}

}  // namespace

Result<HookStreams> OpenHookStreams(const Extensions& extensions) {
  auto out = TRY(OpenToAppend(extensions.hooks_stdout).Context("annotations.run.oci.hooks.stdout"));
  auto err = TRY(OpenToAppend(extensions.hooks_stderr).Context("annotations.run.oci.hooks.stderr"));
  return HookStreams{.out = std::move(out), .err = std::move(err)};
}

Result<void> RunHooks(std::string_view kind, std::span<const Hook> hooks,
                      const ContainerState& state, const HookStreams& streams) {
  if (hooks.empty()) return {};
  const std::string json = StateJson(state);
  for (size_t i = 0; i < hooks.size(); ++i) {
    TRY(RunHook(hooks[i], json, streams).Context("hooks.{}[{}] {}", kind, i, hooks[i].path));
  }
  return {};
}

Result<void> RunRuntimeHooks(const Hooks& hooks, const ContainerState& state,
                             const HookStreams& streams) {
  TRY(RunHooks("prestart", hooks.prestart, state, streams));
  return RunHooks("createRuntime", hooks.createRuntime, state, streams);
}

void RunPoststopHooks(std::span<const Hook> hooks, const ContainerState& state,
                      const HookStreams& streams) {
  const std::string json = StateJson(state);
  for (size_t i = 0; i < hooks.size(); ++i) {
    auto run = RunHook(hooks[i], json, streams).Context("hooks.poststop[{}] {}", i, hooks[i].path);
    if (!run) log::Warning("{}", run.error().message());
  }
}

}  // namespace berth::runtime
