#include "scheduler/identity/authenticator.h"

#include <algorithm>

#include "base/text.h"
#include "ecs/sigv4.h"

namespace berth::scheduler {
namespace {

tl::unexpected<ecs::ApiError> Unrecognized() {
  return ecs::Refuse("UnrecognizedClientException",
                     "The security token included in the request is invalid.");
}

ecs::ApiResult<void> CheckScope(const ecs::Signature& signature, const IdentitySource& source) {
  if (signature.region != source.region) {
    return ecs::Refuse("InvalidSignatureException",
                       "Credential should be scoped to a valid region: {}, not {}.", source.region,
                       signature.region);
  }
  const auto& services = source.services;
  if (std::find(services.begin(), services.end(), signature.service) == services.end()) {
    return ecs::Refuse("InvalidSignatureException",
                       "Credential should be scoped to correct service: {}, not {}.",
                       Join(services, " or "), signature.service);
  }
  return {};
}

ecs::ApiResult<KnownKey> FindSigner(const ecs::Signature& signature, const IdentitySource& source,
                                    const SessionMint& mint, WallTime now) {
  if (signature.session_token.empty()) {
    auto key = source.find_key(signature.access_key_id);
    if (!key) return Unrecognized();
    return *std::move(key);
  }
  const SessionClaims claims =
      API_TRY(mint.Open(signature.session_token, signature.access_key_id, now));
  auto principal = source.find_session(claims);
  if (!principal) return Unrecognized();
  principal->access_key_id = signature.access_key_id;
  return KnownKey{claims.secret_access_key, *std::move(principal)};
}

}  // namespace

ecs::ApiResult<Principal> Authenticate(const http::Request& request, const IdentitySource& source,
                                       const SessionMint& mint, WallTime now) {
  const ecs::Signature signature = API_TRY(ecs::ReadSignature(request));
  API_TRY(CheckScope(signature, source));
  auto signer = FindSigner(signature, source, mint, now);
  if (!signer) return tl::unexpected(signer.error());
  API_TRY(ecs::VerifySignature(request, signature, signer->secret_access_key, now));
  return std::move(signer->principal);
}

}  // namespace berth::scheduler
