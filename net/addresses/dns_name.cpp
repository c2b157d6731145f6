#include "net/addresses/dns_name.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"

namespace berth::net {

bool IsDnsLabel(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool IsDomainName(std::string_view text) {
  const std::vector<std::string> labels = Split(text, '.');
  return text.size() <= 200 && std::all_of(labels.begin(), labels.end(), IsDnsLabel);
}

}  // namespace berth::net
