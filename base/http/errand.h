// Errand: something that a Client is asked to do, from its beginning until it is told how it ended.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/http/client.h"
#include "base/http/dial.h"
#include "base/http/pool.h"

namespace berth::http {

class Errand;

/// What the errands of one client share, which owns them.
struct ClientContext : std::enable_shared_from_this<ClientContext> {
  ClientContext(IoLoop& with, ClientOptions from)
      : loop(with), options(std::move(from)), pool(std::make_shared<Pool>(with)) {}

  /// Reads the authorities when they are needed first: that takes milliseconds.
  Result<const TlsContext*> Tls();
  void Begin(std::shared_ptr<Errand> errand);
  void AbandonAll();

  IoLoop& loop;
  ClientOptions options;
  std::shared_ptr<Pool> pool;
  std::optional<TlsContext> tls;
  std::unordered_map<Errand*, std::shared_ptr<Errand>> errands;
};

class Errand : public std::enable_shared_from_this<Errand> {
 public:
  Errand(const std::shared_ptr<ClientContext>& context, Url to)
      : context_(context), to_(std::move(to)) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  virtual ~Errand() = default;

  virtual void Start() = 0;
  /// Ends it without a word.
  virtual void Abandon();

  void SetDeadline(std::chrono::milliseconds limit);

 protected:
  virtual void OnTransport(std::shared_ptr<Transport> transport) = 0;
  /// Ends it; `error` is told.
  virtual void Fail(Error error) = 0;

  /// A new connection: OnTransport or Fail follows, not now.
  void Connect();
  /// To be called before how it ended is told, which may be the end of the client.
  void Leave();
  std::shared_ptr<ClientContext> context() const { return context_.lock(); }
  const Url& to() const { return to_; }

 private:
  std::weak_ptr<ClientContext> context_;
  Url to_;
  Timer deadline_;
  std::shared_ptr<void> dialing_;
};

}  // namespace berth::http
