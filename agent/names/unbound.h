// Unbound: one unbound(8) that is our child, and what is said to it over its control socket.
//
// Its directory is under /var/lib/unbound, the one place of which Debian's AppArmor profile for it
// allows all that it needs. That is the user unbound's, whom nobody trusts: the directory counts
// only if it is root's, and is used by its descriptor.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/pidfd.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::names {

class Unbound {
 public:
  struct Place {
    std::string program = "/usr/sbin/unbound";
    std::string directory = "/var/lib/unbound/berth";
    std::string domain;
  };
  /// Makes the directory if it is missing, empties it, and ends an unbound that an agent before us
  /// has left there.
  static Result<Unbound> Prepare(Place place);

  /// Starts it and waits until it answers; it knows `zone` (a master file) from its first answer
  /// on.
  Result<void> Start(std::string_view zone, const std::vector<std::string>& upstreams);
  /// Has it know the new zone, in one step, instead of the old one.
  Result<void> SetZone(std::string_view zone);
  /// Has it ask others. Neither the old nor the new ones are none.
  Result<void> SetUpstreams(const std::vector<std::string>& upstreams);
  /// Whether it still answers.
  Result<void> Check();
  /// Ends it, asked for or not, and reaps it. That it does not run is no error.
  void End();
  /// Removes what is in the directory.
  void Clear();

  bool Runs() const { return static_cast<bool>(process_); }
  /// Readable once it has ended.
  int EndFd() const { return process_.fd(); }

 private:
  Unbound(Place place, UniqueFd directory)
      : place_(std::move(place)), directory_(std::move(directory)) {}
  std::string InDirectory(std::string_view name) const;
  Result<std::string> Ask(const std::string& command) const;
  /// Asks for what is answered by "ok".
  Result<void> Tell(const std::string& command) const;
  Result<void> EndLeftOne() const;
  Result<void> AwaitAnswer();

  Place place_;
  UniqueFd directory_;
  Pidfd process_;
};

}  // namespace berth::agent::names
