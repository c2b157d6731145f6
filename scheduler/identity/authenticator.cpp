#include "scheduler/identity/authenticator.h"

#include <algorithm>

#include "base/text.h"
#include "ecs/sigv4.h"

namespace berth::scheduler {
namespace {

bool IsGlobal(std::string_view service) { return service == "iam" || service == "sts"; }

ecs::ApiResult<void> CheckScope(const ecs::Signature& signature, const IdentitySource& source) {
  const auto& services = source.services;
  if (std::find(services.begin(), services.end(), signature.service) == services.end()) {
    return ecs::Refuse("InvalidSignatureException",
                       "Credential should be scoped to correct service: '{}'.",
                       Join(services, "' or '"));
  }
  const bool home = signature.region == source.region;
  if (!home && !(IsGlobal(signature.service) && signature.region == "us-east-1")) {
    return ecs::Refuse("InvalidSignatureException",
                       "Credential should be scoped to a valid region: '{}'.", source.region);
  }
  return {};
}

ecs::ApiResult<KnownKey> FindSigner(const ecs::Signature& signature, const IdentitySource& source,
                                    const SessionMint& mint, WallTime now) {
  if (signature.session_token.empty()) {
    auto key = source.find_key(signature.access_key_id);
    if (!key) return UnrecognizedToken();
    return *std::move(key);
  }
  const SessionClaims claims =
      API_TRY(mint.Open(signature.session_token, signature.access_key_id, now));
  auto principal = source.find_session(claims);
  if (!principal) return UnrecognizedToken();
  principal->access_key_id = signature.access_key_id;
  return KnownKey{claims.secret_access_key, *std::move(principal)};
}

}  // namespace

ecs::ApiResult<Principal> Authenticate(const http::Request& request, const IdentitySource& source,
                                       const SessionMint& mint, WallTime now) {
  const ecs::Signature signature = API_TRY(ecs::ReadSignature(request));
  API_TRY(CheckScope(signature, source));
  auto signer = FindSigner(signature, source, mint, now);
  if (!signer) {
    // So that the time it takes does not say which keys there are.
    (void)ecs::VerifySignature(request, signature, "nobody's secret, of 40 characters, too", now);
    return tl::unexpected(signer.error());
  }
  API_TRY(ecs::VerifySignature(request, signature, signer->secret_access_key, now));
  signer->principal.source_ip = request.peer_address;
  return std::move(signer->principal);
}

ecs::ApiError AsQueryError(ecs::ApiError error) {
  struct Names {
    std::string_view json;
    std::string_view query;
    int status = 403;
  };
  constexpr Names kNames[] = {
      {"AccessDeniedException", "AccessDenied"},
      {"ExpiredTokenException", "ExpiredToken"},
      {"IncompleteSignatureException", "IncompleteSignature", 400},
      {"InvalidSignatureException", "SignatureDoesNotMatch"},
      {"MissingAuthenticationTokenException", "MissingAuthenticationToken"},
      {"UnrecognizedClientException", "InvalidClientTokenId"},
  };
  for (const Names& names : kNames) {
    if (error.code != names.json) continue;
    error.code = names.query;
    error.status = names.status;
    break;
  }
  return error;
}

}  // namespace berth::scheduler
