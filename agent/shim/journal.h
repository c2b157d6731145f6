// Journal: the file that a task's events are written to, one line each.
#pragma once

#include <string>

#include "agent/shim/event.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::shim {

class Journal {
 public:
  /// Makes the file with room for what most tasks have to tell, so that a disk that fills up later
  /// does not silence them.
  static Result<void> Make(const std::string& path);
  /// Opens it for appending, made if it is not there.
  static Result<Journal> Open(const std::string& path);

  /// Writes the event down. Once this returns it survives the death of the shim.
  Result<void> Append(const Event& event);

 private:
  explicit Journal(UniqueFd file) : file_(std::move(file)) {}

  UniqueFd file_;
};

}  // namespace berth::agent::shim
