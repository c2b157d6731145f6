#include "agent/images/registry.h"

#include <openssl/evp.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "agent/images/auth_challenge.h"
#include "agent/images/sources.h"
#include "base/json_reader.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr size_t kLargestAnswer = 1 << 20;  // of tokens and errors

bool IsWorthRetrying(const Error& error) {
  return error.Is(ETIMEDOUT) || error.Is(ECONNRESET) || error.Is(EPIPE) || error.Is(EAGAIN) ||
         error.Is(ECONNREFUSED) || error.Is(EHOSTUNREACH) || error.Is(ENETUNREACH);
}

bool IsWorthRetrying(int status) { return status == 429 || status >= 500; }

std::string Base64(const std::string& text) {
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

std::string Basic(const Credentials& credentials) {
  return "Basic " + Base64(credentials.user + ":" + credentials.password);
}

// "CODE: message" of the first error in a registry's answer (distribution-spec, "Error Codes").
std::string Explanation(HttpResponse& response) {
  const auto body = ReadAll(response, kLargestAnswer);
  if (!body) return "";
  const auto document = ParseJson(*body);
  if (!document) return "";
  JsonProblems ignored;
  const JsonReader in(*document, ignored);
  const auto errors = in.IsObject() ? in.Find("errors") : std::nullopt;
  if (!errors || !errors->IsArray()) return "";
  for (const JsonReader& error : errors->Items()) {
    std::string code;
    std::string message;
    if (!error.IsObject()) continue;
    error.Read("code", code);
    error.Read("message", message);
    if (!code.empty()) return fmt::format(" ({}: {})", code, message);
  }
  return "";
}

// The Docker Hub's registry is not at the name that people use.
std::string HostOf(const Reference& reference) {
  return reference.registry() == "docker.io" ? "registry-1.docker.io" : reference.registry();
}

}  // namespace

Registry::Registry(const Reference& reference, const RegistryOptions& options, HttpClient client)
    : reference_(reference), options_(options), client_(std::move(client)) {}

Result<std::unique_ptr<Registry>> Registry::Connect(const Reference& reference,
                                                    const RegistryOptions& options) {
  HttpClient client = TRY(HttpClient::Make(options.http));
  std::unique_ptr<Registry> registry(new Registry(reference, options, std::move(client)));
  registry->base_ = TRY(Url::Parse("https://" + HostOf(reference)));
  TRY(registry->Ping());
  return registry;
}

// Looks whether the registry speaks TLS, and plain HTTP if it may. Never plain after a certificate
// was not trusted: somebody may be in between.
Result<void> Registry::Ping() {
  const auto& insecure = options_.insecure_registries;
  const bool may_be_plain = base_.IsLoopback() || std::find(insecure.begin(), insecure.end(),
                                                            HostOf(reference_)) != insecure.end();
  if (!may_be_plain) return {};
  const auto answer = client_.Get(base_, {});
  if (answer || answer.error().Is(EKEYREJECTED)) return {};
  base_ = TRY(Url::Parse("http://" + HostOf(reference_)));
  return {};
}

Result<std::string> Registry::Manifest(const std::string& target) {
  const std::string path = "manifests/" + target;
  const auto response = TRY(Get(path, {{"Accept", AcceptedManifests()}}));
  std::string text = TRY(ReadAll(*response, kLargestManifest).Context("{}", path));
  const auto header = response->Header("Docker-Content-Digest");
  const auto digest = header ? Digest::Parse(*header) : MakeError("none");
  if (!digest) return text;  // it need not say one, and may say one that we can't compute
  return Verified(std::move(text), *digest).Context("{}: not {}", path, digest->ToString());
}

Result<std::string> Registry::ManifestText(const Descriptor& descriptor) {
  return Manifest(descriptor.digest.ToString());
}

// Asks until there is an answer that another try would not change.
Result<std::unique_ptr<HttpResponse>> Registry::Get(const std::string& path, HttpHeaders headers) {
  Url url = base_;
  url.target = fmt::format("/v2/{}/{}", reference_.repository(), path);
  for (int failures = 1;; ++failures) {
    auto response = GetAuthorized(url, headers);
    const bool last = failures >= options_.retry.attempts;
    if (!response) {
      if (last || !IsWorthRetrying(response.error())) {
        return std::move(response).Context("registry {}", base_.Authority());
      }
    } else {
      const int status = (*response)->status();
      if (status == 200 || status == 206) return response;
      if (last || !IsWorthRetrying(status)) return Refusal(**response, path);
    }
    log::Info("{}: try again, {} of {}", url.ToString(), failures + 1, options_.retry.attempts);
    std::this_thread::sleep_for(options_.retry.Pause(failures));
  }
}

Result<std::unique_ptr<HttpResponse>> Registry::GetAuthorized(const Url& url,
                                                              const HttpHeaders& headers) {
  for (bool asked = false;; asked = true) {
    HttpHeaders sent = headers;
    std::string authorization;
    {
      const std::lock_guard lock(mutex_);
      authorization = authorization_;
    }
    if (!authorization.empty()) sent.emplace_back("Authorization", authorization);
    auto response = TRY(client_.Get(url, sent));
    const auto challenge = response->Header("WWW-Authenticate");
    if (response->status() != 401 || !challenge || asked) return response;
    {
      const std::lock_guard lock(mutex_);
      // Another thread may have got a new token while this one was refused with the old.
      if (authorization_ == authorization) TRY(Authorize(*challenge));
      if (authorization_.empty()) return response;
    }
    TRY(ReadAll(*response, kLargestAnswer));  // to its end, so that the connection can go on
  }
}

// With the lock held.
Result<void> Registry::Authorize(const std::string& challenge) {
  const AuthChallenge parsed = TRY(AuthChallenge::Parse(challenge));
  if (parsed.scheme == "basic") {
    authorization_ = options_.credentials ? Basic(*options_.credentials) : "";
    return {};
  }
  if (parsed.scheme != "bearer") {
    return MakeError("it wants {} authentication, which is not supported", parsed.scheme);
  }
  authorization_ = "Bearer " + TRY(FetchToken(challenge).Context("token"));
  return {};
}

Result<std::string> Registry::FetchToken(const std::string& challenge) {
  const AuthChallenge parsed = TRY(AuthChallenge::Parse(challenge));
  std::string scope = parsed.Parameter("scope");
  if (scope.empty()) scope = fmt::format("repository:{}:pull", reference_.repository());
  Url url = TRY(Url::Parse(parsed.Parameter("realm")));
  // Who may be spoken to in plain text is up to the operator, not to who answers for the registry.
  if (url.scheme == Url::Scheme::kHttp && base_.scheme == Url::Scheme::kHttps) {
    return MakeError("refused to ask {} for it: not https", url.ToString());
  }
  url.target += url.target.find('?') == std::string::npos ? "?" : "&";
  url.target += fmt::format("service={}&scope={}", PercentEncode(parsed.Parameter("service")),
                            PercentEncode(scope));
  HttpHeaders headers;
  if (options_.credentials) headers.emplace_back("Authorization", Basic(*options_.credentials));
  const auto response = TRY(client_.Get(url, headers));
  if (response->status() != 200) {
    return MakeError("{} answers {}{}", url.Authority(), response->status(),
                     Explanation(*response));
  }
  const std::string body = TRY(ReadAll(*response, kLargestAnswer));
  const Json document = TRY(ParseJson(body));
  JsonProblems problems;
  const JsonReader in(document, problems);
  std::string token;
  in.Read("access_token", token);
  in.Read("token", token);
  TRY(problems.Check());
  const bool is_header_safe =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (token.empty() || !is_header_safe) return MakeError("{} gave none", url.Authority());
  return token;
}

// What a status means to whoever wanted the image.
Error Registry::Refusal(HttpResponse& response, const std::string& path) const {
  const std::string image = reference_.Familiar();
  const int status = response.status();
  const std::string why = Explanation(response);
  const std::string registry = base_.Authority();
  if (status == 401 && options_.credentials) {
    return MakeError("registry {} does not accept the credentials for {}{}", registry, image, why);
  }
  if (status == 401)
    return MakeError("registry {} wants credentials for {}{}", registry, image, why);
  if (status == 403) return MakeError("registry {} denies access to {}{}", registry, image, why);
  if (status == 404) return MakeError("registry {} has no {} of {}{}", registry, path, image, why);
  if (status == 429) {
    return MakeError("registry {} has had too many requests; log in or try again later{}", registry,
                     why);
  }
  return MakeError("registry {} answers {} to {}{}", registry, status, path, why);
}

// A blob that goes on where the connection broke, as long as each new one brings some bytes.
class Registry::BlobSource : public ByteSource {
 public:
  BlobSource(Registry& registry, std::string path, uint64_t size)
      : registry_(registry), path_(std::move(path)), size_(size) {}

  Result<void> Open() {
    HttpHeaders headers;
    if (offset_ > 0) headers.emplace_back("Range", fmt::format("bytes={}-", offset_));
    response_ = TRY(registry_.Get(path_, headers));
    response_offset_ = response_->status() == 206 ? offset_ : 0;
    return {};
  }

  Result<size_t> Read(std::span<char> buffer) override {
    const RetryPolicy& retry = registry_.options_.retry;
    for (;;) {
      auto read = ReadOnce(buffer);
      if (read) {
        offset_ += *read;
        if (*read > 0) failures_ = 0;
        return read;
      }
      // All is here and only its end was not seen; whether it is right the digest tells.
      if (offset_ == size_) return 0;
      response_.reset();
      if (!IsWorthRetrying(read.error()) || ++failures_ >= retry.attempts) {
        return std::move(read).Context("after {} of {} bytes", offset_, size_);
      }
      std::this_thread::sleep_for(retry.Pause(failures_));
      TRY(Open());
    }
  }

 private:
  Result<size_t> ReadOnce(std::span<char> buffer) {
    for (;;) {
      // A registry that knows no ranges sends what we have again.
      const uint64_t again = offset_ - response_offset_;
      const size_t want = again > 0 ? std::min<uint64_t>(again, buffer.size()) : buffer.size();
      const size_t size = TRY(response_->Read(buffer.first(want)));
      // An answer that does not say its length ends like a whole one when it is cut.
      if (size == 0 && offset_ < size_) return Error("receive: the body ends", ECONNRESET);
      response_offset_ += size;
      if (again == 0) return size;
    }
  }

  Registry& registry_;
  std::string path_;
  uint64_t size_;
  uint64_t offset_ = 0;           // handed on so far
  uint64_t response_offset_ = 0;  // where the response stands
  int failures_ = 0;
  std::unique_ptr<HttpResponse> response_;
};

Result<std::unique_ptr<ByteSource>> Registry::Blob(const Descriptor& descriptor) {
  auto blob =
      std::make_unique<BlobSource>(*this, "blobs/" + descriptor.digest.ToString(), descriptor.size);
  TRY(blob->Open());
  return blob;
}

}  // namespace berth::agent::images
