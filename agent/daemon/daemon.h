// Daemon: the node agent, put together.
#pragma once

#include <memory>

#include "agent/link/settings.h"
#include "agent/paths.h"
#include "base/http/io_loop.h"
#include "base/result.h"

namespace berth::agent {

class Daemon {
 public:
  /// Takes up this host's tasks, opens the endpoints and begins to register. Errors: another agent
  /// has this host, the state can't be read, an endpoint's address is taken.
  static Result<std::unique_ptr<Daemon>> Start(http::IoLoop& loop, const Paths& paths,
                                               link::LinkSettings settings);
  /// Tasks go on.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  /// Why the daemon has to end by itself, once the loop has stopped; nothing: it was told to.
  const Result<void>& outcome() const;

 private:
  struct Parts;
  explicit Daemon(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace berth::agent
