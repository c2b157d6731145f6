#include "scheduler/identity/condition.h"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <functional>
#include <optional>

#include "base/text.h"
#include "base/time.h"

namespace berth::scheduler {
namespace {

using Texts = std::string_view;

std::optional<double> Number(Texts text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// ISO 8601, or seconds since 1970.
std::optional<double> Moment(Texts text) {
  if (const auto seconds = Number(text)) return seconds;
  const auto time = ParseTime(text);
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

bool SameIgnoringCase(Texts a, Texts b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Each of the six parts by itself: a wildcard does not reach over a colon, but for the last part.
bool ArnMatches(Texts pattern, Texts arn) {
  for (int part = 0; part < 5; ++part) {
    const size_t a = pattern.find(':');
    const size_t b = arn.find(':');
    if (a == Texts::npos || b == Texts::npos) return false;
    if (!MatchesWildcards(pattern.substr(0, a), arn.substr(0, b))) return false;
    pattern.remove_prefix(a + 1);
    arn.remove_prefix(b + 1);
  }
  return MatchesWildcards(pattern, arn);
}

struct Address {
  std::array<unsigned char, 16> bytes{};
  int size = 0;  // in bits
};

std::optional<Address> ParseAddress(const std::string& text) {
  Address address;
  if (::inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
    address.size = 32;
  } else if (::inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
    address.size = 128;
  } else {
    return std::nullopt;
  }
  return address;
}

bool InBlock(Texts block, Texts text) {
  const size_t slash = block.find('/');
  const auto network = ParseAddress(std::string(block.substr(0, slash)));
  const auto address = ParseAddress(std::string(text));
  if (!network || !address || network->size != address->size) return false;
  int prefix = network->size;
  if (slash != Texts::npos) {
    const auto given = ParseInteger<int>(block.substr(slash + 1));
    if (!given || *given < 0 || *given > network->size) return false;
    prefix = *given;
  }
  for (int bit = 0; bit < prefix; bit += 8) {
    const int rest = std::min(8, prefix - bit);
    const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
    const auto at = static_cast<size_t>(bit / 8);
    if ((network->bytes[at] & mask) != (address->bytes[at] & mask)) return false;
  }
  return true;
}

template <typename Compare>
bool Numeric(Texts wanted, Texts given, Compare compare) {
  const auto a = Number(given);
  const auto b = Number(wanted);
  return a && b && compare(*a, *b);
}

template <typename Compare>
bool Dated(Texts wanted, Texts given, Compare compare) {
  const auto a = Moment(given);
  const auto b = Moment(wanted);
  return a && b && compare(*a, *b);
}

// An operator: its test of one value of the policy against one of the request, and whether it is
// the negation of that test (then no value of the policy may pass it).
struct Operator {
  Texts name;
  bool (*test)(Texts wanted, Texts given);
  bool negated = false;
};

bool Equal(Texts wanted, Texts given) { return wanted == given; }
bool Like(Texts wanted, Texts given) { return MatchesWildcards(wanted, given); }
bool NumberEqual(Texts wanted, Texts given) {
  return Numeric(wanted, given, std::equal_to<double>());
}
bool DateEqual(Texts wanted, Texts given) { return Dated(wanted, given, std::equal_to<double>()); }

constexpr Operator kOperators[] = {
    {"StringEquals", Equal},
    {"StringNotEquals", Equal, true},
    {"StringEqualsIgnoreCase", SameIgnoringCase},
    {"StringNotEqualsIgnoreCase", SameIgnoringCase, true},
    {"StringLike", Like},
    {"StringNotLike", Like, true},
    {"ArnEquals", ArnMatches},
    {"ArnNotEquals", ArnMatches, true},
    {"ArnLike", ArnMatches},
    {"ArnNotLike", ArnMatches, true},
    {"Bool", SameIgnoringCase},
    {"BinaryEquals", Equal},
    {"IpAddress", InBlock},
    {"NotIpAddress", InBlock, true},
    {"NumericEquals", NumberEqual},
    {"NumericNotEquals", NumberEqual, true},
    {"NumericLessThan", [](Texts w, Texts g) { return Numeric(w, g, std::less<double>()); }},
    {"NumericLessThanEquals",
     [](Texts w, Texts g) { return Numeric(w, g, std::less_equal<double>()); }},
    {"NumericGreaterThan", [](Texts w, Texts g) { return Numeric(w, g, std::greater<double>()); }},
    {"NumericGreaterThanEquals",
     [](Texts w, Texts g) { return Numeric(w, g, std::greater_equal<double>()); }},
    {"DateEquals", DateEqual},
    {"DateNotEquals", DateEqual, true},
    {"DateLessThan", [](Texts w, Texts g) { return Dated(w, g, std::less<double>()); }},
    {"DateLessThanEquals", [](Texts w, Texts g) { return Dated(w, g, std::less_equal<double>()); }},
    {"DateGreaterThan", [](Texts w, Texts g) { return Dated(w, g, std::greater<double>()); }},
    {"DateGreaterThanEquals",
     [](Texts w, Texts g) { return Dated(w, g, std::greater_equal<double>()); }},
};

const Operator* FindOperator(Texts name) {
  for (const Operator& each : kOperators) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

// Whether one value of the request passes: with one of the policy's, or with none if negated.
bool Passes(const Operator& op, const std::vector<std::string>& wanted, Texts given) {
  const bool any = std::any_of(wanted.begin(), wanted.end(),
                               [&](const std::string& each) { return op.test(each, given); });
  return any != op.negated;
}

}  // namespace

Result<Condition> ParseConditionOperator(std::string_view text) {
  Condition condition;
  std::string_view name = text;
  if (name.starts_with("ForAnyValue:")) {
    condition.quantifier = Condition::Quantifier::kForAnyValue;
    name.remove_prefix(12);
  } else if (name.starts_with("ForAllValues:")) {
    condition.quantifier = Condition::Quantifier::kForAllValues;
    name.remove_prefix(13);
  }
  if (name.ends_with("IfExists") && name != "IfExists") {
    condition.if_exists = true;
    name.remove_suffix(8);
  }
  if (name != "Null" && FindOperator(name) == nullptr) {
    return MakeError("\"{}\" is no condition operator of IAM", text);
  }
  condition.op = name;
  return condition;
}

bool Holds(const Condition& condition, const AccessRequest& request) {
  const auto [first, last] = request.context.equal_range(condition.key);
  const bool absent = first == last;
  if (condition.op == "Null") {
    const bool wanted_absent =
        !condition.values.empty() && SameIgnoringCase(condition.values.front(), "true");
    return wanted_absent == absent;
  }
  const Operator& op = *FindOperator(condition.op);
  using Quantifier = Condition::Quantifier;
  if (absent) {
    // A negated operator holds of a key that is not there, and so does "all of none".
    return condition.if_exists || condition.quantifier == Quantifier::kForAllValues ||
           (op.negated && condition.quantifier == Quantifier::kNone);
  }
  const auto passes = [&](const auto& entry) { return Passes(op, condition.values, entry.second); };
  return condition.quantifier == Quantifier::kForAnyValue ? std::any_of(first, last, passes)
                                                          : std::all_of(first, last, passes);
}

}  // namespace berth::scheduler
