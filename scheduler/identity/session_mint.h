// SessionMint: the temporary credentials of tasks.
//
// A session token says by itself who it is for and until when, sealed with a key that only the
// scheduler has (AES-256-GCM). The secret key is derived from the same. So nothing has to be
// written down for each set of credentials, and every scheduler of the installation accepts them,
// after a restart, too.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "ecs/api_error.h"
#include "ecs/sigv4.h"

namespace berth::scheduler {

struct SessionWish {
  std::string role_arn;
  std::string session_name;  // a task's id
  std::chrono::seconds lifetime{6 * 3600};
};

struct MintedSession {
  ecs::AwsCredentials credentials;
  WallTime expiration;
};

/// What a token says.
struct SessionClaims {
  std::string role_arn;
  std::string session_name;
  std::string secret_access_key;
  WallTime expiration;
};

class SessionMint {
 public:
  /// `seal_key`: 32 bytes in hexadecimal. Error: it is no such text.
  static Result<SessionMint> Make(std::string_view seal_key);

  MintedSession Mint(const SessionWish& wish, WallTime now) const;

  /// Errors: UnrecognizedClientException for a token that was not sealed here or for another key
  /// id; ExpiredTokenException.
  ecs::ApiResult<SessionClaims> Open(std::string_view token, std::string_view access_key_id,
                                     WallTime now) const;

 private:
  explicit SessionMint(std::string key) : key_(std::move(key)) {}
  std::string SecretFor(std::string_view access_key_id, std::string_view token) const;

  std::string key_;
};

}  // namespace berth::scheduler
