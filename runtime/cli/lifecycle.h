// The life of a container as the specification has it (runtime.md, "Lifecycle"): what create,
// start, run and delete are made of.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "runtime/cli/command.h"
#include "runtime/container.h"

namespace berth::runtime::cli {

/// Who lets a created container execute its program: whoever asks for it, whenever; or the process
/// that has made it, at once.
enum class Starter { kAnybody, kCreator };

/// How many descriptors from 3 up the program gets, and how many of them are sockets that it is
/// told of.
struct PassedFds {
  int all = 0;
  int listening = 0;
};

struct CreateOptions {
  std::string id;
  std::string bundle;  // directory with config.json and what that refers to
  std::string config;  // file to read instead of the bundle's config.json; empty: none
  std::string pid_file;
  std::string console_socket;  // path of the socket that gets the terminal
  std::string pidfd_socket;    // path of the socket that gets a pidfd of the first process
  std::function<Result<int>()> make_console;  // a connected console socket, instead of a path
  PassedFds fds;
  SessionKeyring keyring = SessionKeyring::kNew;
  RootSwitch pivot = RootSwitch::kPivot;
  Starter starter = Starter::kAnybody;
  // In the place of Create.
  std::function<Result<Created>(const CreateRequest&, const Record&)> make;
};

/// A container that waits for StartContainer. With Starter::kAnybody it outlives this process; with
/// kCreator it ends with it, and stays locked until it is started. On failure nothing of it is
/// left, and its poststop hooks have run if it had come so far as to need them.
Result<Container> CreateContainer(const Globals& globals, const CreateOptions& options);

/// Fails if the container is not in the state "created". A poststart hook that fails ends it.
Result<void> StartContainer(Container& container);

/// Ends what is left of the container, removes all that was made for it, and then runs its poststop
/// hooks, whose failures are warnings. Can be repeated after a crash, also of a container that is
/// gone but for its hooks (StateDir::OpenRetired). One whose creator was cut short before it wrote
/// a record has none.
Result<void> RemoveContainer(StateDir& dir, const std::optional<Record>& record);

/// The same by who has waited for the container's end. Others may have seen it too, and be done
/// with it already.
Result<void> RemoveEnded(Container& container);

}  // namespace berth::runtime::cli
