#include "agent/images/auth_challenge.h"

#include <algorithm>

#include "base/text.h"

namespace berth::agent::images {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// The value at the start of `rest`, a token or in quotes; takes it off.
std::string TakeValue(std::string_view& rest) {
  std::string value;
  if (!rest.starts_with('"')) {
    const size_t end = std::min(rest.find_first_of(", "), rest.size());
    value = rest.substr(0, end);
    rest.remove_prefix(end);
    return value;
  }
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    value += rest.front();
    rest.remove_prefix(1);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return value;
}

}  // namespace

Result<AuthChallenge> AuthChallenge::Parse(std::string_view header) {
  AuthChallenge challenge;
  std::string_view rest = Trim(header);
  const size_t space = std::min(rest.find(' '), rest.size());
  challenge.scheme = Lower(rest.substr(0, space));
  rest.remove_prefix(space);
  for (;;) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" ,"), rest.size()));
    const size_t equals = rest.find('=');
    // A name with a space in it is the start of another challenge.
    if (equals == std::string_view::npos || rest.substr(0, equals).find(' ') != rest.npos) break;
    const std::string name = Lower(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    challenge.parameters[name] = TakeValue(rest);
  }
  if (challenge.scheme.empty()) return MakeError("an empty WWW-Authenticate header");
  return challenge;
}

std::string AuthChallenge::Parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? "" : found->second;
}

}  // namespace berth::agent::images
