// Registry: the part of the distribution API that pulls need.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/images/assemble.h"
#include "agent/images/credentials.h"
#include "agent/images/http_client.h"
#include "agent/images/reference.h"
#include "agent/images/retry.h"
#include "base/result.h"

namespace berth::agent::images {

struct RegistryOptions {
  std::optional<Credentials> credentials;
  std::vector<std::string> insecure_registries;
  HttpOptions http;
  RetryPolicy retry;
};

/// One repository of one registry (distribution-spec, "Pull"). Asks for a token or sends
/// credentials when the registry wants them (RFC 7617; Docker's "Token Authentication
/// Specification"), repeats what failed by time-out, a dropped connection, 429 or 5xx, and goes on
/// with a blob where the connection broke. May be used by several threads.
class Registry : public ContentSource {
 public:
  /// Finds out how the registry is to be spoken to.
  static Result<std::unique_ptr<Registry>> Connect(const Reference& reference,
                                                   const RegistryOptions& options);

  /// The manifest or index that a tag or a digest names. Its digest is checked if the registry says
  /// one.
  Result<std::string> Manifest(const std::string& target);
  Result<std::string> ManifestText(const Descriptor& descriptor) override;
  Result<std::unique_ptr<ByteSource>> Blob(const Descriptor& descriptor) override;

 private:
  class BlobSource;

  Registry(const Reference& reference, const RegistryOptions& options, HttpClient client);
  Result<void> Ping();
  Result<std::unique_ptr<HttpResponse>> Get(const std::string& path, HttpHeaders headers);
  Result<std::unique_ptr<HttpResponse>> GetAuthorized(const Url& url, const HttpHeaders& headers);
  Result<void> Authorize(const std::string& challenge);
  Result<std::string> FetchToken(const std::string& challenge);
  Error Refusal(HttpResponse& response, const std::string& path) const;

  Reference reference_;
  RegistryOptions options_;
  HttpClient client_;
  Url base_;
  std::mutex mutex_;  // of what follows
  std::string authorization_;
};

}  // namespace berth::agent::images
