// Netns: a network namespace (network_namespaces(7)) held by a descriptor.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net {

/// Keeps its namespace alive, without a process in it and without a name in the file system: when
/// the last descriptor and the last process are gone, the kernel takes it down.
class Netns {
 public:
  Netns() = default;
  explicit Netns(UniqueFd fd) : fd_(std::move(fd)) {}

  /// A new one, empty but for its loopback interface, which is up. IPv6 is off by default on
  /// interfaces that are made in it later; loopback keeps ::1.
  static Result<Netns> Create();
  /// The calling thread's.
  static Result<Netns> Current();
  /// The one that a file of nsfs names, as /proc/PID/ns/net does.
  static Result<Netns> Open(const std::string& path);

  int fd() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }

  /// Calls `work` in the namespace and returns what it returns (a Result). It runs on a thread of
  /// its own that then ends, so that nothing ever has to find its way back.
  template <typename Work>
  std::invoke_result_t<Work> Run(Work&& work) const {
    std::optional<std::invoke_result_t<Work>> answer;
    TRY(RunOnThread([&] { answer.emplace(work()); }));
    return std::move(*answer);
  }

 private:
  Result<void> RunOnThread(const std::function<void()>& work) const;

  UniqueFd fd_;
};

}  // namespace berth::net
