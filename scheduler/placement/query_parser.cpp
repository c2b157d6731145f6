#include "scheduler/placement/query_parser.h"

#include <array>
#include <optional>

#include "base/json.h"
#include "scheduler/placement/query_scanner.h"

namespace berth::scheduler::placement {
namespace {

// "Expressions can have a maximum length of 2,000 characters" (RunTask, PlacementConstraint).
constexpr size_t kLongest = 2000;
constexpr int kDeepest = 50;

struct OperatorName {
  std::string_view text;
  Operator op;
  bool negated = false;
};

// Longer ones before those they start with.
constexpr auto kSymbols = std::to_array<OperatorName>({
    {"==", Operator::kEquals},
    {"!=", Operator::kEquals, true},
    {">=", Operator::kGreaterThanEqual},
    {"<=", Operator::kLessThanEqual},
    {">", Operator::kGreaterThan},
    {"<", Operator::kLessThan},
    {"=~", Operator::kMatches},
    {"!~", Operator::kMatches, true},
});

constexpr auto kOperatorNames = std::to_array<OperatorName>({
    {"equals", Operator::kEquals},
    {"not_equals", Operator::kEquals, true},
    {"greater_than", Operator::kGreaterThan},
    {"greater_than_equal", Operator::kGreaterThanEqual},
    {"less_than", Operator::kLessThan},
    {"less_than_equal", Operator::kLessThanEqual},
    {"exists", Operator::kExists},
    {"!exists", Operator::kExists, true},
    {"not_exists", Operator::kExists, true},
    {"in", Operator::kIn},
    {"!in", Operator::kIn, true},
    {"not_in", Operator::kIn, true},
    {"matches", Operator::kMatches},
    {"not_matches", Operator::kMatches, true},
});

struct SubjectName {
  std::string_view text;
  Subject subject;
};

constexpr std::string_view kAttributePrefix = "attribute:";
constexpr auto kSubjects = std::to_array<SubjectName>({
    {"agentConnected", Subject::kAgentConnected},
    {"agentVersion", Subject::kAgentVersion},
    {"ec2InstanceId", Subject::kEc2InstanceId},
    {"registeredAt", Subject::kRegisteredAt},
    {"runningTasksCount", Subject::kRunningTasksCount},
    {"task:group", Subject::kTaskGroup},
});

class Parser {
 public:
  explicit Parser(std::string_view expression) : scanner_(expression) {}

  Result<Query::Node> ParseAll() {
    Query::Node node = TRY(ParseOr());
    if (!scanner_.AtEnd()) return scanner_.Expected("\"and\", \"or\" or the end");
    return node;
  }

 private:
  using Node = Query::Node;

  Result<Node> ParseOr() {
    std::vector<Node> parts;
    do {
      parts.push_back(TRY(ParseAnd()));
    } while (scanner_.TakeSymbol("||") || scanner_.TakeWord("or"));
    return Joined(Node::Kind::kOr, std::move(parts));
  }

  Result<Node> ParseAnd() {
    std::vector<Node> parts;
    do {
      parts.push_back(TRY(ParseOne()));
    } while (scanner_.TakeSymbol("&&") || scanner_.TakeWord("and"));
    return Joined(Node::Kind::kAnd, std::move(parts));
  }

  static Node Joined(Node::Kind kind, std::vector<Node> parts) {
    if (parts.size() == 1) return std::move(parts.front());
    return {.kind = kind, .parts = std::move(parts)};
  }

  Result<Node> ParseOne() {
    const size_t start = scanner_.Position();
    if (scanner_.TakeSymbol("!") || scanner_.TakeWord("not")) {
      TRY(Deeper(start));
      Node node;
      node.kind = Node::Kind::kNot;
      node.parts.push_back(TRY(ParseOne()));
      --depth_;
      return node;
    }
    if (!scanner_.TakeSymbol("(")) return ParseCondition();
    TRY(Deeper(start));
    Node node = TRY(ParseOr());
    if (!scanner_.TakeSymbol(")")) return scanner_.Expected("\"and\", \"or\" or \")\"");
    --depth_;
    return node;
  }

  Result<void> Deeper(size_t start) {
    if (++depth_ <= kDeepest) return {};
    return scanner_.Complaint(
        fmt::format("expected at most {} parentheses and nots within each other", kDeepest), start);
  }

  Result<Node> ParseCondition() {
    Node node;
    Condition& condition = node.condition;
    const std::string_view subject = TRY(ParseSubject(condition));
    const size_t start = scanner_.Position();
    const auto op = TakeOperator();
    if (!op || !Allows(condition.subject, op->op)) {
      return scanner_.Expected(
          fmt::format("one of {} after {}", OperatorsOf(condition.subject), subject), start);
    }
    condition.op = op->op;
    condition.negated = op->negated;
    if (op->op == Operator::kIn) {
      condition.argument = TRY(ParseList(condition, op->text));
    } else if (op->op != Operator::kExists) {
      condition.argument = TRY(ParseArgument(condition, op->text));
    }
    return node;
  }

  // Returns what the expression calls it.
  Result<std::string_view> ParseSubject(Condition& condition) {
    const size_t start = scanner_.Position();
    const std::string_view name = scanner_.TakeName();
    if (name.starts_with(kAttributePrefix) && name.size() > kAttributePrefix.size()) {
      condition.attribute = Name(std::string(name.substr(kAttributePrefix.size())));
      return name;
    }
    for (const SubjectName& each : kSubjects) {
      if (each.text != name) continue;
      condition.subject = each.subject;
      return name;
    }
    return scanner_.Expected(
        "attribute:NAME, agentConnected, agentVersion, ec2InstanceId, registeredAt, "
        "runningTasksCount or task:group",
        start);
  }

  std::optional<OperatorName> TakeOperator() {
    for (const OperatorName& each : kSymbols) {
      if (scanner_.TakeSymbol(each.text)) return each;
    }
    for (const OperatorName& each : kOperatorNames) {
      if (scanner_.TakeWord(each.text)) return each;
    }
    return std::nullopt;
  }

  Result<Argument> ParseArgument(const Condition& condition, std::string_view op) {
    const std::string what = condition.op == Operator::kMatches
                                 ? fmt::format("a regular expression after {}", op)
                                 : fmt::format("a value after {}", op);
    const size_t start = scanner_.Position();
    const std::string_view text = condition.op == Operator::kMatches
                                      ? TRY(scanner_.TakePattern(what))
                                      : TRY(scanner_.TakeValue(what));
    return Read(condition, text, start);
  }

  Result<Argument> ParseList(const Condition& condition, std::string_view op) {
    if (!scanner_.TakeSymbol("[")) {
      return scanner_.Expected(fmt::format("a list as [a, b] after {}", op));
    }
    std::vector<std::string> values;
    do {
      const size_t start = scanner_.Position();
      const std::string_view text = TRY(scanner_.TakeValue("a value of the list"));
      values.push_back(std::get<std::string>(TRY(Read(condition, text, start))));
    } while (scanner_.TakeSymbol(","));
    if (!scanner_.TakeSymbol("]")) return scanner_.Expected("\",\" or \"]\"");
    return Argument(std::move(values));
  }

  Result<Argument> Read(const Condition& condition, std::string_view text, size_t start) {
    auto argument = ReadArgument(condition.subject, condition.op, text);
    if (argument) return argument;
    return scanner_.Complaint("expected " + argument.error().message(), start);
  }

  QueryScanner scanner_;
  int depth_ = 0;
};

}  // namespace

Result<Query::Node> ParseQuery(std::string_view expression) {
  if (expression.size() > kLongest) {
    return MakeError("an expression must have at most {} characters, not {}", kLongest,
                     expression.size());
  }
  return Parser(expression).ParseAll();
}

}  // namespace berth::scheduler::placement
