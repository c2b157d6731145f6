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
#include <vector>

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

/// What is said of every key and token that is none of ours, so that none can be told from another.
tl::unexpected<ecs::ApiError> UnrecognizedToken();

class SessionMint {
 public:
  /// `seal_key`: 32 bytes in hexadecimal. `previous` is what it was before it was changed, or "":
  /// its sessions are accepted until they expire, and none are made with it. Error: they are no
  /// such texts.
  static Result<SessionMint> Make(std::string_view seal_key, std::string_view previous = "");

  /// The expiration is in whole seconds.
  MintedSession Mint(const SessionWish& wish, WallTime now) const;

  /// Errors: UnrecognizedClientException for a token that was not sealed here or for another key
  /// id; ExpiredTokenException.
  ecs::ApiResult<SessionClaims> Open(std::string_view token, std::string_view access_key_id,
                                     WallTime now) const;

 private:
  // One for each purpose, so that neither says anything of the other.
  struct Keys {
    std::string seal;
    std::string secret;
  };

  explicit SessionMint(std::vector<Keys> keys) : keys_(std::move(keys)) {}
  static Result<Keys> ReadKeys(std::string_view seal_key);

  std::vector<Keys> keys_;  // the first one mints
};

}  // namespace berth::scheduler
