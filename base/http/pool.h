// Pool: a client's connections that are open and wait for their next request.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/http/transport.h"

namespace berth::http {

/// A connection to a server, read all the time: that is how one learns that it has been closed.
class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
 public:
  /// As Transport::Read has it. After an error or the end nothing more comes.
  using Receiver = std::function<void(int error, std::string_view data)>;

  static std::shared_ptr<ClientConnection> Make(std::shared_ptr<Transport> transport);

  void SetReceiver(Receiver receiver) { receiver_ = std::move(receiver); }
  /// That it could not be sent is known by what can be read: a server that doesn't want to see all
  /// of a request says so, and closes.
  void Write(std::string text);
  bool is_writing() const { return writing_; }
  void Close();

 private:
  explicit ClientConnection(std::shared_ptr<Transport> transport)
      : transport_(std::move(transport)) {}
  void Read();

  std::shared_ptr<Transport> transport_;
  Receiver receiver_;
  bool writing_ = false;
  bool over_ = false;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  explicit Pool(IoLoop& loop) : loop_(loop) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool();

  /// The one used last; null if there is none.
  std::shared_ptr<ClientConnection> Take(const std::string& origin);
  /// Closes it after a while, or with the server. More than a few of one origin aren't kept.
  void Keep(const std::string& origin, std::shared_ptr<ClientConnection> connection);

 private:
  struct Idle {
    std::shared_ptr<ClientConnection> connection;
    Timer expiry;
  };
  void Discard(const std::string& origin, const ClientConnection* connection);

  IoLoop& loop_;
  std::map<std::string, std::vector<Idle>> idle_;
};

}  // namespace berth::http
