// AuthChallenge: how a registry wants to be told who is asking.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::agent::images {

/// A WWW-Authenticate header: one scheme and its parameters (RFC 9110, 11.6.1).
struct AuthChallenge {
  std::string scheme;                             // lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  // names in lower case

  /// Takes the first challenge if there are several.
  static Result<AuthChallenge> Parse(std::string_view header);
  /// "" if it is not there.
  std::string Parameter(const std::string& name) const;
};

}  // namespace berth::agent::images
