#include "scheduler/placement/condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/text.h"

namespace berth::scheduler::placement {
namespace {

using enum Operator;

constexpr auto kWords = std::to_array<Operator>({kEquals, kIn, kMatches});
constexpr auto kOrders =
    std::to_array<Operator>({kEquals, kGreaterThan, kGreaterThanEqual, kLessThan, kLessThanEqual});
constexpr auto kGroups = std::to_array<Operator>({kEquals, kIn, kMatches, kExists});
constexpr auto kAll = std::to_array<Operator>(
    {kEquals, kGreaterThan, kGreaterThanEqual, kLessThan, kLessThanEqual, kIn, kMatches, kExists});

// What the Developer Guide lists for each subject; it lists nothing for attributes, which take all,
// and for groups, which have no order.
std::span<const Operator> Allowed(Subject subject) {
  switch (subject) {
    case Subject::kAttribute:
      return kAll;
    case Subject::kAgentConnected:
    case Subject::kEc2InstanceId:
      return kWords;
    case Subject::kAgentVersion:
    case Subject::kRegisteredAt:
    case Subject::kRunningTasksCount:
      return kOrders;
    case Subject::kTaskGroup:
      return kGroups;
  }
  return {};
}

bool Agrees(Operator op, std::strong_ordering order) {
  switch (op) {
    case kEquals:
      return order == 0;
    case kGreaterThan:
      return order > 0;
    case kGreaterThanEqual:
      return order >= 0;
    case kLessThan:
      return order < 0;
    case kLessThanEqual:
      return order <= 0;
    case kExists:
    case kIn:
    case kMatches:
      break;
  }
  return false;
}

std::optional<double> AsNumber(std::string_view text) {
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  // Neither "nan" nor "inf" is meant by who writes a value like that.
  if (code != std::errc() || end != text.data() + text.size() || number - number != 0) return {};
  return number;
}

// The order of two attributes: 9 is less than 10, but "9a" is more than "10a".
std::strong_ordering CompareText(std::string_view a, std::string_view b) {
  const auto left = AsNumber(a);
  const auto right = left ? AsNumber(b) : std::nullopt;
  if (!left || !right) return a <=> b;
  if (*left == *right) return std::strong_ordering::equal;
  return *left < *right ? std::strong_ordering::less : std::strong_ordering::greater;
}

bool HoldsForText(const Condition& condition, std::string_view text) {
  switch (condition.op) {
    case kExists:
      return true;
    case kIn: {
      const auto& values = std::get<std::vector<std::string>>(condition.argument);
      return std::find(values.begin(), values.end(), text) != values.end();
    }
    case kMatches:
      return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()),
                                 *std::get<std::shared_ptr<const re2::RE2>>(condition.argument));
    case kEquals:
      return text == std::get<std::string>(condition.argument);
    case kGreaterThan:
    case kGreaterThanEqual:
    case kLessThan:
    case kLessThanEqual:
      return Agrees(condition.op, CompareText(text, std::get<std::string>(condition.argument)));
  }
  return false;
}

// For a subject that has one value: `negated` means another value, not none.
bool HoldsForOne(const Condition& condition, std::string_view text) {
  return HoldsForText(condition, text) != condition.negated;
}

bool HoldsForAttribute(const Condition& condition, const Instance& instance) {
  const std::optional<std::string>* value = instance.attributes.Find(condition.attribute);
  if (condition.op == kExists) return (value != nullptr) != condition.negated;
  if (value == nullptr) return false;
  return HoldsForOne(condition, *value ? std::string_view(**value) : "");
}

bool HoldsForGroups(const Condition& condition, const Instance& instance) {
  for (const auto& [group, count] : instance.tasks_by_group) {
    if (count > 0 && HoldsForText(condition, group.text())) return !condition.negated;
  }
  return condition.negated;
}

bool HoldsForVersion(const Condition& condition, const Instance& instance) {
  const auto version = ParseVersion(instance.agent_version);
  if (!version) return false;
  return Agrees(condition.op, CompareVersions(*version, std::get<Version>(condition.argument))) !=
         condition.negated;
}

bool HoldsForNumber(const Condition& condition, int64_t number) {
  return Agrees(condition.op, number <=> std::get<int64_t>(condition.argument)) !=
         condition.negated;
}

int64_t SecondsOf(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::string_view SymbolOf(Operator op) {
  switch (op) {
    case kEquals:
      return "==, !=";
    case kGreaterThan:
      return ">";
    case kGreaterThanEqual:
      return ">=";
    case kLessThan:
      return "<";
    case kLessThanEqual:
      return "<=";
    case kExists:
      return "exists, !exists";
    case kIn:
      return "in, !in";
    case kMatches:
      return "=~, !~";
  }
  return "";
}

}  // namespace

bool Allows(Subject subject, Operator op) {
  const auto allowed = Allowed(subject);
  return std::find(allowed.begin(), allowed.end(), op) != allowed.end();
}

std::string OperatorsOf(Subject subject) {
  std::vector<std::string> symbols;
  for (const Operator op : Allowed(subject)) symbols.emplace_back(SymbolOf(op));
  return Join(symbols, ", ");
}

bool Condition::Holds(const Instance& instance) const {
  switch (subject) {
    case Subject::kAttribute:
      return HoldsForAttribute(*this, instance);
    case Subject::kAgentConnected:
      return HoldsForOne(*this, instance.agent_connected ? "true" : "false");
    case Subject::kAgentVersion:
      return HoldsForVersion(*this, instance);
    case Subject::kEc2InstanceId:
      return !instance.ec2_instance_id.empty() && HoldsForOne(*this, instance.ec2_instance_id);
    case Subject::kRegisteredAt:
      return HoldsForNumber(*this, SecondsOf(instance.registered));
    case Subject::kRunningTasksCount:
      return HoldsForNumber(*this, instance.running_tasks);
    case Subject::kTaskGroup:
      return HoldsForGroups(*this, instance);
  }
  return false;
}

}  // namespace berth::scheduler::placement
