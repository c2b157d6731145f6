// IamClient: calls of the scheduler's IAM API, one after the other.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/cluster/commands.h"
#include "base/result.h"
#include "ecs/sigv4.h"

namespace berth::agent::cluster {

class IamClient {
 public:
  /// Error: the credentials can't be read.
  static Result<IamClient> Open(const Access& access);

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  /// The XML answer. Errors read as "NoSuchEntity: The role ..."; `code` tells them apart.
  struct Refusal {
    std::string code;
    std::string message;
  };
  Result<tl::expected<std::string, Refusal>> Ask(const std::string& action,
                                                 Parameters parameters) const;
  /// The same, with a refusal as an error.
  Result<std::string> Call(const std::string& action, Parameters parameters) const;

 private:
  IamClient(Access access, ecs::AwsCredentials credentials)
      : access_(std::move(access)), credentials_(std::move(credentials)) {}

  Access access_;
  ecs::AwsCredentials credentials_;
};

/// What stands between <name> and </name>, unescaped, for each time it is there.
std::vector<std::string> XmlTexts(std::string_view xml, std::string_view name);

}  // namespace berth::agent::cluster
