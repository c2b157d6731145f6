// ControlServer: the shim's side of control.h.
#pragma once

#include <map>
#include <memory>

#include "agent/shim/control.h"
#include "agent/shim/supervisor.h"
#include "base/result.h"

namespace berth::agent::shim {

class ControlServer {
 public:
  /// Listens on the plan's control socket, from within the supervisor's loop.
  static Result<std::unique_ptr<ControlServer>> Start(Supervisor& supervisor);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// True while a client is connected that has promised to clean up after the task (kOwn).
  bool Owned() const;

 private:
  struct Client {
    UniqueFd socket;
    bool owner = false;
    pid_t exec_pid = -1;
  };

  ControlServer(Supervisor& supervisor, UniqueFd listener);
  void TellOwners();
  void Accept();
  void Receive(int fd);
  Result<void> Handle(const std::shared_ptr<Client>& client, const Request& request,
                      const std::vector<UniqueFd>& fds);
  Result<void> HandleExec(const std::shared_ptr<Client>& client, const Request& request,
                          const std::vector<UniqueFd>& fds);

  Supervisor& supervisor_;
  UniqueFd listener_;
  std::map<int, std::shared_ptr<Client>> clients_;  // by descriptor
};

}  // namespace berth::agent::shim
