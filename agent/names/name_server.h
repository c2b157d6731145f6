// NameServer: the resolver of this host's tasks, kept running and told their names.
//
// A thread of its own: it may wait for the resolver, nobody waits for it. What it tells the
// resolver is read from the agent's state whenever that changes, whoever changes it: a task of
// `berth run` has its names as one of the scheduler's does.
//
//   resolver ends ----> started again, after 0.1 s, 0.2 s, ... 30 s
//   ... three times --> names lead to the host's upstream, until it runs again
//   agent ends -------> the resolver does too; names lead to the upstream while there are tasks
#pragma once

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "agent/config.h"
#include "agent/paths.h"
#include "base/result.h"

namespace berth::agent::names {

class Keeper;

class NameServer {
 public:
  struct Setup {
    Paths paths;
    NamesConfig names;
  };
  /// Returns once the resolver answers, or has been tried; tasks launched from then on ask it.
  /// Errors: there is no unbound on this host, or no place to run it.
  static Result<std::unique_ptr<NameServer>> Start(Setup setup);
  /// Ends the resolver.
  ~NameServer();
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  /// The services of tasks by their ids. From any thread.
  void SetServices(std::map<std::string, std::string> services);
  /// Somebody has changed the host's nftables: opens the way to the resolver again. From any
  /// thread.
  void Reopen();

 private:
  explicit NameServer(std::unique_ptr<Keeper> keeper);
  std::unique_ptr<Keeper> keeper_;
  std::thread thread_;
};

}  // namespace berth::agent::names
