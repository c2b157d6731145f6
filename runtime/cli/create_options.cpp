#include "runtime/cli/create_options.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"

namespace berth::runtime::cli {

Result<int> PreservedFds(const Arguments& arguments) {
  const int64_t asked = TRY(arguments.Number("preserve-fds", 0));
  const char* listen = ::getenv("LISTEN_FDS");
  const int listening = listen == nullptr ? 0 : ParseInteger<int>(listen).value_or(0);
  const int64_t count = asked + std::max(0, listening);
  for (int64_t fd = 3; fd < 3 + count; ++fd) {
    if (fd > INT32_MAX || ::fcntl(static_cast<int>(fd), F_GETFD) < 0) {
      return MakeError("--preserve-fds or LISTEN_FDS asks for descriptor {}, which is not open",
                       fd);
    }
  }
  return static_cast<int>(count);
}

Result<CreateOptions> ReadCreateOptions(const Arguments& arguments) {
  const int preserve_fds = TRY(PreservedFds(arguments));
  return CreateOptions{
      .id = arguments.words()[0],
      .bundle = arguments.Value("bundle", "."),
      .config = arguments.Value("config"),
      .pid_file = arguments.Value("pid-file"),
      .console_socket = arguments.Value("console-socket"),
      .pidfd_socket = arguments.Value("pidfd-socket"),
      .preserve_fds = preserve_fds,
      .keyring =
          arguments.Has("no-new-keyring") ? SessionKeyring::kLaunchers : SessionKeyring::kNew,
      .pivot = arguments.Has("no-pivot") ? RootSwitch::kChroot : RootSwitch::kPivot,
  };
}

}  // namespace berth::runtime::cli
