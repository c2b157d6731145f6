#include "runtime/rdt/schemata.h"

#include <map>

#include "base/text.h"

namespace berth::runtime {
namespace {

// By resource and domain: "L3:0" to the mask or share, without zeros in front.
using Shares = std::map<std::string, std::string, std::less<>>;

std::string WithoutZeros(std::string_view number) {
  const size_t first = number.find_first_not_of('0');
  std::string digits(first == std::string_view::npos ? "0" : number.substr(first));
  for (char& c : digits) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
  }
  return digits;
}

Shares ReadShares(std::string_view lines) {
  Shares shares;
  for (const std::string& line : Split(lines, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string resource(Trim(std::string_view(line).substr(0, colon)));
    for (const std::string& share : Split(std::string_view(line).substr(colon + 1), ';')) {
      const size_t equals = share.find('=');
      if (equals == std::string::npos) continue;
      const auto domain = Trim(std::string_view(share).substr(0, equals));
      shares[fmt::format("{}:{}", resource, domain)] =
          WithoutZeros(Trim(std::string_view(share).substr(equals + 1)));
    }
  }
  return shares;
}

}  // namespace

Result<void> CompareSchemata(std::string_view wanted, std::string_view present) {
  const Shares has = ReadShares(present);
  for (const auto& [domain, share] : ReadShares(wanted)) {
    const auto found = has.find(domain);
    if (found == has.end()) return MakeError("the group has no {}", domain);
    if (found->second != share) {
      return MakeError("the group has {}={}, not {}", domain, found->second, share);
    }
  }
  return {};
}

}  // namespace berth::runtime
