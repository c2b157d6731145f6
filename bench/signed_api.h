// SignedApi: the ECS API as one of many callers in a process uses it, by connections of its own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/http/client.h"
#include "ecs/sigv4.h"

namespace berth::bench {

struct Account {
  http::Url place;
  ecs::AwsCredentials credentials;
  std::string region = "us-east-1";
};

/// Reads the file that the scheduler writes for a user ("[default]", aws_access_key_id = ...).
Result<ecs::AwsCredentials> ReadCredentials(const std::string& path);

class SignedApi {
 public:
  /// `account` must outlive it.
  SignedApi(http::IoLoop& loop, const Account& account);

  /// Calls back with the body of the answer, or with what the answer says is wrong.
  void Call(std::string_view operation, std::string body,
            std::function<void(Result<std::string>)> done);

  struct Socket {
    std::shared_ptr<http::WebSocket> socket;
    http::Request handshake;  // what frames of telemetry are signed for
  };
  /// A WebSocket at `path` with these parameters. It belongs to the handler from then on.
  void Connect(const std::string& path, const std::map<std::string, std::string>& parameters,
               std::function<void(Result<Socket>)> done);
  /// A frame of telemetry: the payload behind its signature.
  std::string Frame(const http::Request& handshake, const std::string& payload) const;

 private:
  const Account& account_;
  http::Client client_;
};

}  // namespace berth::bench
