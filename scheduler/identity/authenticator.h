// Authenticate: from a signed request to who signed it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/time.h"
#include "ecs/api_error.h"
#include "scheduler/identity/principal.h"
#include "scheduler/identity/session_mint.h"

namespace berth::scheduler {

/// A long-lived key, as it was found.
struct KnownKey {
  std::string secret_access_key;
  Principal principal;
};

/// Where authentication looks things up.
struct IdentitySource {
  /// Nothing for a key that is not there or not active.
  std::function<std::optional<KnownKey>(std::string_view access_key_id)> find_key;
  /// The principal of a role's session; nothing for a role that is gone.
  std::function<std::optional<Principal>(const SessionClaims& claims)> find_session;
  std::string region;
  /// Of what is signed for: "ecs", "iam", "sts".
  std::vector<std::string> services;
};

/// Errors, by AWS's names: MissingAuthenticationTokenException, IncompleteSignatureException,
/// UnrecognizedClientException (a key or token that nobody knows), ExpiredTokenException,
/// InvalidSignatureException (altered, too old, wrong secret, signed for another region or
/// service).
ecs::ApiResult<Principal> Authenticate(const http::Request& request, const IdentitySource& source,
                                       const SessionMint& mint, WallTime now);

}  // namespace berth::scheduler
