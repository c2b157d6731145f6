#include "runtime/cli/create_options.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "runtime/process/program.h"

namespace berth::runtime::cli {

Result<PassedFds> FdsToPass(const Arguments& arguments) {
  const char* listen = ::getenv("LISTEN_FDS");
  const int listening = listen == nullptr ? 0 : ParseInteger<int>(listen).value_or(0);
  const int64_t count = TRY(arguments.Number("preserve-fds", 0)) + std::max(0, listening);
  for (int64_t fd = 3; fd < 3 + count; ++fd) {
    if (fd > INT32_MAX || ::fcntl(static_cast<int>(fd), F_GETFD) < 0) {
      return MakeError("--preserve-fds or LISTEN_FDS asks for descriptor {}, which is not open",
                       fd);
    }
  }
  return PassedFds{.all = static_cast<int>(count), .listening = std::max(0, listening)};
}

void NameFds(const PassedFds& fds, std::vector<std::string>& env) {
  const char* names = fds.listening > 0 ? ::getenv("LISTEN_FDNAMES") : nullptr;
  if (names != nullptr) SetVariable(env, fmt::format("LISTEN_FDNAMES={}", names));
}

Result<CreateOptions> ReadCreateOptions(const Arguments& arguments) {
  const PassedFds fds = TRY(FdsToPass(arguments));
  return CreateOptions{
      .id = arguments.words()[0],
      .bundle = arguments.Value("bundle", "."),
      .config = arguments.Value("config"),
      .pid_file = arguments.Value("pid-file"),
      .console_socket = arguments.Value("console-socket"),
      .pidfd_socket = arguments.Value("pidfd-socket"),
      .fds = fds,
      .keyring =
          arguments.Has("no-new-keyring") ? SessionKeyring::kLaunchers : SessionKeyring::kNew,
      .pivot = arguments.Has("no-pivot") ? RootSwitch::kChroot : RootSwitch::kPivot,
  };
}

}  // namespace berth::runtime::cli
