// What the shim is asked for over its control socket, and what it answers.
//
//   client                          shim
//     kStop                    ->          the task is being stopped from now on
//                              <- kDone
//     kExec + stdio            ->          a process joins a running container
//                              <- kStarted pid
//     kSignal n                ->          to that process, any number of times
//                              <- kExited code
//     kOwn                     ->          "I clean up after the task": while this connection is
//                              <- kDone    open the shim leaves that to the client,
//                              <- kNews    and tells it when the journal or a log has grown
//
// AF_UNIX, SOCK_SEQPACKET: a message each way is one packet. Anything else is answered by kFailed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::shim {

struct Request {
  enum class Kind { kStop, kExec, kSignal, kOwn };
  Kind kind = Kind::kStop;

  // kStop
  std::string stop_code;  // for the record: UserInitiated, ...
  std::string reason;
  std::optional<int> stop_timeout;  // seconds, in place of every container's own

  // kExec; descriptors in the packet: stdin, stdout, stderr, or with a terminal one socket that
  // gets the pty's master
  std::string container;
  std::vector<std::string> args;
  std::vector<std::string> env;  // added to the container's
  std::string cwd;               // "" for the container's
  std::string user;              // "" for the container's
  bool terminal = false;

  // kSignal
  int signal = 0;
};

struct Reply {
  enum class Kind { kDone, kStarted, kExited, kFailed, kNews };
  Kind kind = Kind::kDone;
  int64_t number = 0;   // pid, exit code, or errno of a failure
  std::string message;  // of a failure
};

std::string EncodeRequest(const Request& request);
Result<Request> DecodeRequest(std::string_view bytes);
std::string EncodeReply(const Reply& reply);
Result<Reply> DecodeReply(std::string_view bytes);

inline constexpr size_t kMaxControlMessage = 128 * 1024;

/// Listens on `path` (mode 0600), which must not exist.
Result<UniqueFd> ListenControl(const std::string& path);
/// ENOENT or ECONNREFUSED: no shim is there.
Result<UniqueFd> ConnectControl(const std::string& path);
/// One request, one reply.
Result<Reply> Call(int socket, const Request& request, const std::vector<int>& fds = {});
/// Waits for the next reply; a kFailed one is returned as its error.
Result<Reply> ReceiveReply(int socket);

}  // namespace berth::agent::shim
