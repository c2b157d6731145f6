#include "agent/images/credentials.h"

#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/json_reader.h"

namespace berth::agent::images {
namespace {

struct AuthEntry {
  std::string auth;  // base64 of "user:password"
  std::string username;
  std::string password;
};

struct DockerConfig {
  std::map<std::string, AuthEntry> auths;
  std::map<std::string, std::string> credHelpers;
};

void ReadJson(const JsonReader& in, AuthEntry& out) {
  in.Read("auth", out.auth);
  in.Read("username", out.username);
  in.Read("password", out.password);
}

void ReadJson(const JsonReader& in, DockerConfig& out) {
  in.Read("auths", out.auths);
  in.Read("credHelpers", out.credHelpers);
}

// What people have in the file for one registry: with a scheme, and a path after it.
std::string HostOf(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (key.starts_with(scheme)) key.remove_prefix(scheme.size());
  }
  key = key.substr(0, key.find('/'));
  return key == "index.docker.io" ? "docker.io" : std::string(key);
}

Result<Credentials> DecodeAuth(std::string auth) {
  std::erase_if(auth, [](char c) { return c == '\n' || c == '\r'; });
  std::string decoded(auth.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                   reinterpret_cast<const unsigned char*>(auth.data()),
                                   static_cast<int>(auth.size()));
  const size_t padding = static_cast<size_t>(std::count(auth.begin(), auth.end(), '='));
  if (size < 0 || padding > 2) return MakeError("auth is not base64");
  decoded.resize(static_cast<size_t>(size) - padding);
  const size_t colon = decoded.find(':');
  if (colon == std::string::npos) return MakeError("auth is not of the form user:password");
  return Credentials{.user = decoded.substr(0, colon), .password = decoded.substr(colon + 1)};
}

}  // namespace

Result<std::optional<Credentials>> ReadDockerConfig(const std::string& path,
                                                    const std::string& registry) {
  if (path.empty() || !Exists(path)) return std::nullopt;
  const std::string text = TRY(ReadFile(path, 1 << 20));
  const Json document = TRY(ParseJson(text).Context("{}", path));
  JsonProblems problems;
  DockerConfig config;
  ReadJson(JsonReader(document, problems), config);
  TRY(problems.Check().Context("{}", path));
  for (const auto& [key, entry] : config.auths) {
    if (HostOf(key) != registry) continue;
    if (!entry.auth.empty()) {
      return std::optional(TRY(DecodeAuth(entry.auth).Context("{}: auths.{}", path, key)));
    }
    if (!entry.username.empty()) {
      return std::optional(Credentials{.user = entry.username, .password = entry.password});
    }
  }
  for (const auto& [key, helper] : config.credHelpers) {
    if (HostOf(key) != registry) continue;
    return MakeError(
        "{}: credHelpers.{}: the credential helper \"{}\" is not supported; give the registry an "
        "entry in auths",
        path, key, helper);
  }
  return std::nullopt;
}

}  // namespace berth::agent::images
