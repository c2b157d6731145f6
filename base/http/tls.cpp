#include "base/http/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

namespace berth::http {
namespace {

// A BIO over a socket, as OpenSSL's own but for MSG_NOSIGNAL, and without a buffer: an idle session
// costs little.
int SocketOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

int WriteToSocket(BIO* bio, const char* data, size_t size, size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(SocketOf(bio), data, size, MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  *written = sent > 0 ? static_cast<size_t>(sent) : 0;
  return sent > 0 ? 1 : 0;
}

int ReadFromSocket(BIO* bio, char* data, size_t size, size_t* got) {
  BIO_clear_retry_flags(bio);
  const ssize_t received = ::recv(SocketOf(bio), data, size, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  *got = received > 0 ? static_cast<size_t>(received) : 0;
  return received > 0 ? 1 : 0;
}

long ControlSocket(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* SocketMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    BIO_meth_set_write_ex(made, WriteToSocket);
    BIO_meth_set_read_ex(made, ReadFromSocket);
    BIO_meth_set_ctrl(made, ControlSocket);
    return made;
  }();
  return method;
}

Result<std::shared_ptr<SSL_CTX>> NewContext(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return MakeError("prepare TLS: {}", TlsErrorMessage());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

bool IsAddress(const std::string& host) {
  in6_addr address;
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

void TlsSessionDeleter::operator()(ssl_st* session) const { SSL_free(session); }

std::string TlsErrorMessage() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

Result<TlsContext> TlsContext::ForServer(const std::string& certificate_file,
                                         const std::string& key_file) {
  auto context = TRY(NewContext(TLS_server_method()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return MakeError("read certificate {}: {}", certificate_file, TlsErrorMessage());
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return MakeError("read key {}: {}", key_file, TlsErrorMessage());
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return TlsContext(std::move(context));
}

Result<TlsContext> TlsContext::ForClient(const std::string& ca_file) {
  auto context = TRY(NewContext(TLS_client_method()));
  SSL_CTX_set_default_verify_paths(context.get());
  if (!ca_file.empty() && SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) {
    return MakeError("read authorities from {}: {}", ca_file, TlsErrorMessage());
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  ERR_clear_error();
  return TlsContext(std::move(context));
}

Result<TlsContext> TlsContext::ForInsecureClient() {
  auto context = TRY(NewContext(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return TlsContext(std::move(context));
}

Result<TlsSession> TlsContext::Make(int socket) const {
  TlsSession session(SSL_new(context_.get()));
  BIO* bio = BIO_new(SocketMethod());
  if (!session || bio == nullptr) {
    BIO_free(bio);
    return MakeError("start TLS: {}", TlsErrorMessage());
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session.get(), bio, bio);
  return session;
}

Result<TlsSession> TlsContext::Accept(int socket) const {
  auto session = TRY(Make(socket));
  SSL_set_accept_state(session.get());
  return session;
}

Result<TlsSession> TlsContext::Connect(int socket, const std::string& host) const {
  auto session = TRY(Make(socket));
  SSL_set_connect_state(session.get());
  X509_VERIFY_PARAM* rules = SSL_get0_param(session.get());
  bool named = false;
  if (IsAddress(host)) {  // is not sent as the server's name (RFC 6066, 3)
    named = X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  } else {
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    std::string name = host;
    named = X509_VERIFY_PARAM_set1_host(rules, name.c_str(), name.size()) == 1 &&
            SSL_ctrl(session.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     name.data()) == 1;
  }
  if (!named) return MakeError("\"{}\" is no host name for TLS", host);
  return session;
}

}  // namespace berth::http
