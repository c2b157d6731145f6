#include "ecs/parse.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "ecs/read.h"
#include "ecs/rules.h"
#include "ecs/skeleton.h"
#include "ecs/validate.h"

namespace berth::ecs {
namespace {

// The path that `problem` is about; nothing for an unknown field, of which the rules know nothing.
std::optional<std::string> SubjectOf(std::string_view problem) {
  constexpr std::string_view kRequired = " is required";
  const size_t colon = problem.find(": ");
  std::string path(problem.substr(0, colon == std::string::npos ? 0 : colon));
  const std::string_view text = path.empty() ? problem : problem.substr(colon + 2);
  if (text.starts_with("unknown field")) return std::nullopt;
  if (text.ends_with(kRequired)) {
    if (!path.empty()) path += '.';
    path += text.substr(0, text.size() - kRequired.size());
  }
  return path;
}

// True if `path` or something that it lies in is among `subjects`.
bool Covers(const std::set<std::string>& subjects, const std::string& path) {
  if (subjects.contains("") || subjects.contains(path)) return true;
  for (size_t i = 0; i < path.size(); ++i) {
    if ((path[i] == '.' || path[i] == '[') && subjects.contains(path.substr(0, i))) return true;
  }
  return false;
}

// Adds to `shape`, what is wrong with types and names, what is wrong with the values; a value that
// could not be read is not judged a second time.
JsonProblems Together(JsonProblems shape, const JsonProblems& rules) {
  std::set<std::string> subjects;
  for (const std::string& problem : shape.all()) {
    if (auto subject = SubjectOf(problem)) subjects.insert(std::move(*subject));
  }
  for (const std::string& problem : rules.all()) {
    const auto subject = SubjectOf(problem);
    if (!subject || !Covers(subjects, *subject)) shape.Add("", problem);
  }
  return shape;
}

// ECS alone sets these; it is no mistake to have them.
constexpr auto kReadOnly = std::to_array<std::string_view>(
    {"taskDefinitionArn", "status", "requiresAttributes", "compatibilities", "registeredAt",
     "registeredBy", "deregisteredAt", "deleteRequestedAt"});

TaskDefinition Read(const JsonReader& in) {
  TaskDefinition definition;
  for (const std::string_view name : kReadOnly) (void)in.Find(name);
  ReadJson(in, definition);
  RefuseNul(in);
  if (!in.Find("networkMode") && Requires(definition, Compatibility::kManagedInstances)) {
    definition.networkMode = NetworkMode::kAwsvpc;  // the default there
  }
  return definition;
}

// The output of describe-task-definition, boto3's included.
TaskDefinition ReadDescription(const JsonReader& in, JsonProblems& problems, const Json& inner) {
  TaskDefinition definition = Read(JsonReader(inner, problems));
  (void)in.Find("taskDefinition");
  (void)in.Find("ResponseMetadata");
  in.Read("tags", definition.tags);
  in.RefuseOtherFields();
  return definition;
}

}  // namespace

Result<TaskDefinition> ParseTaskDefinition(std::string_view json) {
  const Json document = WithoutBlanks(TRY(ParseInput(json)));
  JsonProblems problems;
  const JsonReader in(document, problems);
  const auto wrapped = document.is_object() ? document.find("taskDefinition") : document.end();
  TaskDefinition definition = wrapped != document.end() && document.is_object()
                                  ? ReadDescription(in, problems, *wrapped)
                                  : Read(in);
  TRY(Together(std::move(problems), FindProblems(definition)).Check());
  return definition;
}

}  // namespace berth::ecs
