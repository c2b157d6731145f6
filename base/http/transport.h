// Transport: a connected stream socket, in the clear or under TLS, on an IoLoop.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/http/io_loop.h"
#include "base/http/tls.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::http {

/// Nothing is called back from within the call that asked for it. `error` is an errno, 0 for none;
/// ECANCELED once the transport is closed. At most one read and one write at a time. An operation
/// under way keeps the transport alive.
class Transport {
 public:
  /// `session` is null for a connection in the clear. `socket` does not block.
  static std::shared_ptr<Transport> Make(IoLoop& loop, UniqueFd socket, TlsSession session);
  virtual ~Transport() = default;

  /// TLS only; comes first. EKEYREJECTED if the peer's certificate is not trusted.
  virtual void Handshake(std::function<void(Result<void>)> done) = 0;
  /// What has come, once something has: lent during the call. Empty at the end of the stream. Takes
  /// no memory while it waits.
  virtual void Read(std::function<void(int error, std::string_view data)> done) = 0;
  /// The same, into `buffer`, which must not be empty and stays until then.
  virtual void ReadInto(std::span<char> buffer,
                        std::function<void(int error, size_t size)> done) = 0;
  /// Part of `data`, which stays until then.
  virtual void WriteSome(std::string_view data,
                         std::function<void(int error, size_t size)> done) = 0;
  /// All of `data`.
  virtual void Write(std::string data, std::function<void(int error)> done) = 0;

  /// Says goodbye, and closes when the peer has too, or after 2 s. What it still sends is thrown
  /// away: closing at once would make the kernel reset the connection, and with it what the peer
  /// has not read yet. Not while a read is under way. `closed` is called in either case.
  virtual void CloseGently(std::function<void()> closed) = 0;
  virtual void Close() = 0;
};

/// The address of the socket's other end, "" if it has none ("10.0.0.7", "fd00::7").
std::string PeerAddress(int socket);

}  // namespace berth::http
