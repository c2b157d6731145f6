#include "agent/images/reference.h"

#include <algorithm>

#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr std::string_view kHub = "docker.io";
constexpr std::string_view kOfficial = "library/";
// What keeps a canonical name with its "/" replaced a file name (NAME_MAX).
constexpr size_t kLongestName = 255;
constexpr size_t kLongestTag = 128;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool IsRepositoryPart(std::string_view part) {
  size_t separators = 0;  // how many stand before this place
  char last = '.';
  for (size_t i = 0; i < part.size(); ++i) {
    const char c = part[i];
    if (IsLower(c) || IsDigit(c)) {
      separators = 0;
    } else if (c == '.' || c == '_' || c == '-') {
      if (i == 0) return false;
      if (separators > 0 && c != last) return false;
      ++separators;
      if ((c == '.' && separators > 1) || (c == '_' && separators > 2)) return false;
    } else {
      return false;
    }
    last = c;
  }
  return !part.empty() && separators == 0;
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; });
}

bool IsIpv6(std::string_view host) {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  const std::string_view inside = host.substr(1, host.size() - 2);
  return std::all_of(inside.begin(), inside.end(), [](char c) {
    return IsDigit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

bool IsRegistry(std::string_view registry) {
  std::string_view host = registry;
  const size_t colon = registry.rfind(':');
  if (colon != std::string_view::npos && !registry.ends_with(']')) {
    const auto port = ParseInteger<uint16_t>(registry.substr(colon + 1));
    if (!port || *port == 0) return false;
    host = registry.substr(0, colon);
  }
  if (host.starts_with('[')) return IsIpv6(host);
  const std::vector<std::string> labels = Split(host, '.');
  return std::all_of(labels.begin(), labels.end(), IsHostLabel);
}

bool IsTag(std::string_view tag) {
  const auto is_word = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; };
  return !tag.empty() && tag.size() <= kLongestTag && is_word(tag.front()) &&
         std::all_of(tag.begin(), tag.end(),
                     [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

bool LooksLikeRegistry(std::string_view part) {
  return part == "localhost" || part.find_first_of(".:[") != std::string_view::npos ||
         std::any_of(part.begin(), part.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

Result<void> CheckRepository(std::string_view repository) {
  for (const std::string& part : Split(repository, '/')) {
    if (IsRepositoryPart(part)) continue;
    return MakeError(
        "\"{}\" is no repository name: parts of lower-case letters and digits, joined by single "
        "\".\", \"_\", \"__\" or \"-\", separated by \"/\"",
        repository);
  }
  return {};
}

}  // namespace

Result<Reference> Reference::Parse(std::string_view text) {
  const std::string context = fmt::format("image name \"{}\"", text);
  Reference reference;
  std::string_view rest = text;
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    reference.digest_ = TRY(Digest::Parse(rest.substr(at + 1)).Context("{}", context));
    rest = rest.substr(0, at);
  }
  const size_t slash = rest.find('/');
  if (slash != std::string_view::npos && LooksLikeRegistry(rest.substr(0, slash))) {
    reference.registry_ = rest.substr(0, slash);
    rest.remove_prefix(slash + 1);
    if (!IsRegistry(reference.registry_)) {
      return MakeError("{}: \"{}\" is no registry: a host name or address, and perhaps a port",
                       context, reference.registry_);
    }
  }
  if (const size_t colon = rest.find(':'); colon != std::string_view::npos) {
    reference.tag_ = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!IsTag(reference.tag_)) {
      return MakeError(
          "{}: \"{}\" is no tag: up to 128 letters, digits, \"_\", \".\" and \"-\", the first "
          "neither \".\" nor \"-\"",
          context, reference.tag_);
    }
  } else if (!reference.digest_) {
    reference.tag_ = "latest";
  }
  TRY(CheckRepository(rest).Context("{}", context));
  reference.repository_ = rest;
  if (reference.registry_ == "index.docker.io") reference.registry_ = kHub;
  if (reference.registry_.empty()) reference.registry_ = kHub;
  if (reference.registry_ == kHub && rest.find('/') == std::string_view::npos) {
    reference.repository_.insert(0, kOfficial);
  }
  if (reference.Canonical().size() > kLongestName) {
    return MakeError("{}: longer than {} characters", context, kLongestName);
  }
  return reference;
}

std::string Reference::Target() const { return digest_ ? digest_->ToString() : tag_; }

std::string Reference::Canonical() const {
  std::string text = fmt::format("{}/{}", registry_, repository_);
  if (!tag_.empty()) text += ":" + tag_;
  if (digest_) text += "@" + digest_->ToString();
  return text;
}

std::string Reference::Familiar() const {
  std::string text = Canonical();
  // The first part of a repository must not be taken for a registry when read back.
  const size_t slash = repository_.find('/');
  if (registry_ != kHub || LooksLikeRegistry(repository_.substr(0, slash))) return text;
  text.erase(0, kHub.size() + 1);
  const bool official = repository_.starts_with(kOfficial) &&
                        repository_.find('/', kOfficial.size()) == std::string::npos;
  if (official) text.erase(0, kOfficial.size());
  return text;
}

}  // namespace berth::agent::images
