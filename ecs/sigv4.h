// AWS Signature Version 4 of HTTP requests: the signer and the verifier.
//
// Source: "Create a signed AWS API request" in the IAM User Guide, and AWS's published test suite.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/http/message.h"
#include "base/time.h"
#include "ecs/api_error.h"

namespace berth::ecs {

struct AwsCredentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // "" for those of a user
};

struct SigningScope {
  std::string region;
  std::string service = "ecs";
};

/// Signs `request` as it is (method, target, all of its headers but those that change on the way,
/// and body): sets X-Amz-Date, X-Amz-Security-Token if there is a token, and Authorization. It must
/// have its Host header, and no token of other credentials.
void Sign(http::Request& request, const AwsCredentials& credentials, const SigningScope& scope,
          WallTime now);

/// What a request says of who signed it; nothing in it is proved yet.
struct Signature {
  std::string access_key_id;
  std::string date;  // 20261125
  std::string region;
  std::string service;
  std::vector<std::string> signed_headers;  // lower case, as listed
  std::string signature;                    // hexadecimal
  std::string session_token;
  WallTime time;  // X-Amz-Date
};

/// How far a signature's time may be from ours, either way.
inline constexpr std::chrono::minutes kSignatureLifetime{5};

/// Errors: MissingAuthenticationTokenException (unsigned), IncompleteSignatureException (malformed;
/// all that is missing is said), InvalidSignatureException (the credential is of another day than
/// X-Amz-Date). Refused are several Authorization headers, signatures in the query string, and a
/// Date header in the place of X-Amz-Date. What the request says is not repeated in the message,
/// which goes to logs: secrets have been put where key ids belong.
ApiResult<Signature> ReadSignature(const http::Request& request);

/// Whether `secret` made `signature` over `request`, in constant time. Errors as AWS words them:
/// InvalidSignatureException if it is not the one calculated, if Host, X-Amz-Date or, where there
/// is one, X-Amz-Target or X-Amz-Security-Token is not signed, if a signed header is not there, or
/// if its time is over kSignatureLifetime away from `now` ("Signature expired: ..." or "Signature
/// not yet current: ...").
ApiResult<void> VerifySignature(const http::Request& request, const Signature& signature,
                                std::string_view secret, WallTime now);

/// Of one pair of frames on the telemetry connection: the header block that comes before the JSON,
/// signed as a GET of the handshake's target with the payload's hash (`Authorization`, `Host`,
/// `X-Amz-Date`, `X-Amz-Security-Token`, an empty line).
std::string SignFrame(const http::Request& handshake, std::string_view payload,
                      const AwsCredentials& credentials, const SigningScope& scope, WallTime now);
struct SignedFrame {
  /// What to verify: the handshake's target, the block's headers, the payload.
  http::Request request;
  std::string_view payload;  // within the frame
};
/// Takes a frame apart at its first empty line. Errors: MissingAuthenticationTokenException if
/// there is none, IncompleteSignatureException if what is before it is too long or no header.
ApiResult<SignedFrame> ReadSignedFrame(std::string_view handshake_target, std::string_view frame);

}  // namespace berth::ecs
