// TlsContext: certificates and trust, from which TLS sessions over sockets are made.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

struct ssl_st;
struct ssl_ctx_st;

namespace berth::http {

struct TlsSessionDeleter {
  void operator()(ssl_st* session) const;
};
using TlsSession = std::unique_ptr<ssl_st, TlsSessionDeleter>;

/// TLS 1.2 or later. May be copied; sessions may outlive it.
class TlsContext {
 public:
  /// Both files are PEM; the certificate's file holds its chain too.
  static Result<TlsContext> ForServer(const std::string& certificate_file,
                                      const std::string& key_file);
  /// Trusts the system's authorities and those in `ca_file` (PEM; "": none).
  static Result<TlsContext> ForClient(const std::string& ca_file);
  /// Takes any certificate.
  static Result<TlsContext> ForInsecureClient();

  /// A session over `socket`, which is borrowed and does not block.
  Result<TlsSession> Accept(int socket) const;
  /// The same, with a server that has to prove to be `host` (a name, or an address without
  /// brackets).
  Result<TlsSession> Connect(int socket, const std::string& host) const;

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  Result<TlsSession> Make(int socket) const;

  std::shared_ptr<ssl_ctx_st> context_;
};

/// What OpenSSL says of the failure just met; empties its queue.
std::string TlsErrorMessage();

}  // namespace berth::http
