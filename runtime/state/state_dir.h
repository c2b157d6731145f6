// StateDir: where one container is written down, a directory below the runtime's --root:
//
//   <root>/<id>/config.json   the configuration it was created with
//   <root>/<id>/state.json    its Record
//   <root>/<id>/start         the socket that starts it; there as long as it waits to be started.
//                             Until then, while the container is being made, it is called creating
//   <root>/<id>/notify/       what it can say to a service manager: cli/notify.h
//
// It exists from before anything of the container does until after everything of it has gone, so
// whatever a crash leaves behind can be found and cleared away by its name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/hooks/container_state.h"
#include "runtime/spec/spec.h"
#include "runtime/state/record.h"

namespace berth::runtime {

/// Letters, digits and "_+-." with no dot at the start; at most 246 bytes.
Result<void> CheckId(const std::string& id);

class StateDir {
 public:
  /// A new one, for `id`, locked. Fails with EEXIST if there is a container of that name.
  static Result<StateDir> Make(const std::string& root, const std::string& id);
  /// Of a container that exists; ENOENT if none does.
  static Result<StateDir> Open(const std::string& root, const std::string& id);
  /// The ids of all containers, sorted; none if there is no `root`.
  static Result<std::vector<std::string>> List(const std::string& root);

  const std::string& path() const { return path_; }

  /// For commands that change the container: one at a time, until this object goes. A process that
  /// is made meanwhile has a part in the lock, which Unlock ends for all.
  Result<void> Lock();
  void Unlock();
  /// Whether somebody holds the lock at this moment.
  bool Locked() const;

  Result<void> WriteConfig(std::string_view json) const;
  Result<Spec> ReadConfig() const;
  Result<void> WriteRecord(const Record& record) const;
  /// Nothing if the container's creator got no further than to claim its name.
  Result<std::optional<Record>> ReadRecord() const;

  /// The listening end, for CreateRequest::start_socket.
  Result<UniqueFd> Listen() const;
  /// From here on the container waits for its starter.
  Result<void> OpenToStart() const;
  /// The starter's end. The socket's name goes with it: nobody else can start the container.
  Result<UniqueFd> ConnectToStart() const;
  bool WaitsForStart() const;
  /// Whether somebody listens, and it is not open to start yet.
  bool IsBeingMade() const;

  /// The name is free again, and the container's hooks can still be found by OpenRetired.
  Result<void> Retire();
  /// Of a container that was retired and not removed; ENOENT if there is none.
  static Result<StateDir> OpenRetired(const std::string& root, const std::string& id);
  /// The end of it all.
  Result<void> Remove() const;

 private:
  StateDir(std::string path, UniqueFd dir) : path_(std::move(path)), dir_(std::move(dir)) {}

  std::string path_;
  UniqueFd dir_;
};

/// The container's state now, from what was written down and what the kernel says.
Result<ContainerState> CurrentState(const StateDir& dir, const Record& record);

}  // namespace berth::runtime
