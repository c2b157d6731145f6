// What CRIU takes for granted about a container's root when it restores one.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Makes the places of the configuration's mounts, where they are missing in the root or in what is
/// bound into it. Those in other file systems come with these. Fails too if the source of a bind
/// mount isn't there.
Result<void> MakeMountPoints(const Spec& spec, const std::string& bundle);

/// A stay of this process in a mount namespace of its own, where the container's root is a mount,
/// as CRIU wants it. What is mounted there meanwhile goes with the namespace: nobody has to undo
/// it, whatever happens.
class RootVisit {
 public:
  static Result<RootVisit> Enter(const Spec& spec, const std::string& bundle,
                                 const std::string& rootfs);
  RootVisit(RootVisit&&) = default;
  RootVisit& operator=(RootVisit&&) = delete;
  /// Returns, if Leave has not.
  ~RootVisit();

  /// To the namespace and the working directory of before.
  Result<void> Leave();

 private:
  RootVisit(UniqueFd back, UniqueFd directory)
      : back_(std::move(back)), directory_(std::move(directory)) {}

  UniqueFd back_;
  UniqueFd directory_;
};

}  // namespace berth::runtime
