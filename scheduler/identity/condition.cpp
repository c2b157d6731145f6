#include "scheduler/identity/condition.h"

#include <arpa/inet.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "scheduler/identity/variables.h"
#include "scheduler/identity/wildcards.h"

namespace berth::scheduler {
namespace {

using Texts = std::string_view;

std::optional<double> Number(Texts text) {
  double value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

// A time or a day as in ISO 8601, or seconds since 1970.
std::optional<double> Moment(Texts text) {
  if (const auto seconds = Number(text)) return seconds;
  const bool day = text.size() == Texts("2026-11-25").size();
  const auto time = ParseTime(day ? std::string(text) + "T00:00:00Z" : std::string(text));
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(time->time_since_epoch()).count();
}

bool SameIgnoringCase(Texts a, Texts b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
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

struct Block {
  Address address;
  int prefix = 0;
};

// "10.0.0.0/8", or one address.
std::optional<Block> ParseBlock(Texts text) {
  const size_t slash = text.find('/');
  const auto address = ParseAddress(std::string(text.substr(0, slash)));
  if (!address) return std::nullopt;
  if (slash == Texts::npos) return Block{*address, address->size};
  const auto prefix = ParseInteger<int>(text.substr(slash + 1));
  if (!prefix || *prefix < 0 || *prefix > address->size) return std::nullopt;
  return Block{*address, *prefix};
}

bool InBlock(Texts wanted, Texts given) {
  const auto block = ParseBlock(wanted);
  const auto address = ParseAddress(std::string(given));
  if (!block || !address || block->address.size != address->size) return false;
  for (int bit = 0; bit < block->prefix; bit += 8) {
    const int rest = std::min(8, block->prefix - bit);
    const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
    const auto at = static_cast<size_t>(bit / 8);
    if ((block->address.bytes[at] & mask) != (address->bytes[at] & mask)) return false;
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

// What the values of an operator may be.
enum class ValueKind { kText, kPattern, kNumber, kTime, kBoolean, kBlock };

// An operator: its test of one value of the policy against one of the request, and whether it is
// the negation of that test (then no value of the policy may pass it).
struct Operator {
  Texts name;
  ValueKind kind;
  bool (*test)(Texts wanted, Texts given);
  bool negated = false;
};

bool Equal(Texts wanted, Texts given) { return wanted == given; }
bool NumberEqual(Texts wanted, Texts given) {
  return Numeric(wanted, given, std::equal_to<double>());
}
bool DateEqual(Texts wanted, Texts given) { return Dated(wanted, given, std::equal_to<double>()); }

constexpr auto kText = ValueKind::kText;
constexpr auto kPattern = ValueKind::kPattern;
constexpr auto kNumber = ValueKind::kNumber;
constexpr auto kTime = ValueKind::kTime;

constexpr Operator kOperators[] = {
    {"StringEquals", kText, Equal},
    {"StringNotEquals", kText, Equal, true},
    {"StringEqualsIgnoreCase", kText, SameIgnoringCase},
    {"StringNotEqualsIgnoreCase", kText, SameIgnoringCase, true},
    {"StringLike", kPattern, MatchesWildcards},
    {"StringNotLike", kPattern, MatchesWildcards, true},
    {"ArnEquals", kPattern, MatchesArn},
    {"ArnNotEquals", kPattern, MatchesArn, true},
    {"ArnLike", kPattern, MatchesArn},
    {"ArnNotLike", kPattern, MatchesArn, true},
    {"Bool", ValueKind::kBoolean, SameIgnoringCase},
    {"BinaryEquals", kText, Equal},
    {"IpAddress", ValueKind::kBlock, InBlock},
    {"NotIpAddress", ValueKind::kBlock, InBlock, true},
    {"NumericEquals", kNumber, NumberEqual},
    {"NumericNotEquals", kNumber, NumberEqual, true},
    {"NumericLessThan", kNumber,
     [](Texts w, Texts g) { return Numeric(w, g, std::less<double>()); }},
    {"NumericLessThanEquals", kNumber,
     [](Texts w, Texts g) { return Numeric(w, g, std::less_equal<double>()); }},
    {"NumericGreaterThan", kNumber,
     [](Texts w, Texts g) { return Numeric(w, g, std::greater<double>()); }},
    {"NumericGreaterThanEquals", kNumber,
     [](Texts w, Texts g) { return Numeric(w, g, std::greater_equal<double>()); }},
    {"DateEquals", kTime, DateEqual},
    {"DateNotEquals", kTime, DateEqual, true},
    {"DateLessThan", kTime, [](Texts w, Texts g) { return Dated(w, g, std::less<double>()); }},
    {"DateLessThanEquals", kTime,
     [](Texts w, Texts g) { return Dated(w, g, std::less_equal<double>()); }},
    {"DateGreaterThan", kTime,
     [](Texts w, Texts g) { return Dated(w, g, std::greater<double>()); }},
    {"DateGreaterThanEquals", kTime,
     [](Texts w, Texts g) { return Dated(w, g, std::greater_equal<double>()); }},
};

const Operator* FindOperator(Texts name) {
  for (const Operator& each : kOperators) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

bool IsBoolean(Texts text) {
  return SameIgnoringCase(text, "true") || SameIgnoringCase(text, "false");
}

Result<void> CheckValue(ValueKind kind, Texts value) {
  switch (kind) {
    case ValueKind::kText:
    case ValueKind::kPattern:
      return {};
    case ValueKind::kNumber:
      if (!Number(value)) return MakeError("must be a number, not \"{}\"", value);
      return {};
    case ValueKind::kTime:
      if (!Moment(value)) {
        return MakeError("must be a time as 2026-11-25T18:15:00Z, not \"{}\"", value);
      }
      return {};
    case ValueKind::kBoolean:
      if (!IsBoolean(value)) return MakeError("must be true or false, not \"{}\"", value);
      return {};
    case ValueKind::kBlock:
      if (!ParseBlock(value)) {
        return MakeError("must be an address or a block as 10.0.0.0/8, not \"{}\"", value);
      }
      return {};
  }
  return {};
}

// The values to compare with; those with a variable that has no value are no more.
std::vector<std::string> ValuesOf(const Condition& condition, const Operator& op,
                                  const AccessRequest& request) {
  if (!condition.has_variables) return condition.values;
  const auto use = op.kind == ValueKind::kPattern ? ReplacedFor::kPattern : ReplacedFor::kText;
  std::vector<std::string> values;
  for (const std::string& value : condition.values) {
    if (auto replaced = ReplaceVariables(value, request, use)) {
      values.push_back(*std::move(replaced));
    }
  }
  return values;
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
  if (name.ends_with("IfExists")) {
    condition.if_exists = true;
    name.remove_suffix(8);
  }
  // Null asks for the same as IfExists, so it has none.
  const bool null = name == "Null" && !condition.if_exists;
  if (!null && FindOperator(name) == nullptr) {
    return MakeError("\"{}\" is no condition operator of IAM", text);
  }
  condition.op = name;
  return condition;
}

Result<void> CheckConditionValues(const Condition& condition) {
  if (condition.values.empty()) return MakeError("must have a value");
  const auto kind = condition.op == "Null" ? ValueKind::kBoolean : FindOperator(condition.op)->kind;
  for (const std::string& value : condition.values) TRY(CheckValue(kind, value));
  return {};
}

bool Holds(const Condition& condition, const AccessRequest& request) {
  const auto [first, last] = request.context.equal_range(condition.key);
  const bool absent = first == last;
  if (condition.op == "Null") {
    return std::any_of(
        condition.values.begin(), condition.values.end(),
        [&](const std::string& each) { return SameIgnoringCase(each, "true") == absent; });
  }
  const Operator& op = *FindOperator(condition.op);
  using Quantifier = Condition::Quantifier;
  if (absent) {
    // A negated operator holds of a key that is not there, and so does "all of none".
    return condition.if_exists || condition.quantifier == Quantifier::kForAllValues ||
           (op.negated && condition.quantifier == Quantifier::kNone);
  }
  const std::vector<std::string> wanted = ValuesOf(condition, op, request);
  const auto passes = [&](const auto& entry) { return Passes(op, wanted, entry.second); };
  return condition.quantifier == Quantifier::kForAnyValue ? std::any_of(first, last, passes)
                                                          : std::all_of(first, last, passes);
}

}  // namespace berth::scheduler
