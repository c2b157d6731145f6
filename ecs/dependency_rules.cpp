#include <map>
#include <optional>

#include "base/text.h"
#include "ecs/names.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

// Which containers wait for which others: dependsOn, links and volumesFrom together.
class Dependencies {
 public:
  Dependencies(const TaskDefinition& definition, const Place& at)
      : definition_(definition), at_(at), edges_(definition.containerDefinitions.size()) {
    const auto& containers = definition.containerDefinitions;
    for (size_t i = 0; i < containers.size(); ++i) index_.emplace(containers[i].name, i);
  }

  void CheckAll() {
    for (size_t i = 0; i < edges_.size(); ++i) {
      CheckDependsOn(i);
      CheckLinks(i);
      CheckVolumesFrom(i);
    }
    std::vector<Mark> marks(edges_.size(), Mark::kNew);
    std::vector<size_t> way;
    for (size_t i = 0; i < edges_.size(); ++i) Visit(i, marks, way);
  }

 private:
  enum class Mark { kNew, kOnTheWay, kDone };

  // The container called `name`, if `from` may wait for it.
  std::optional<size_t> Wait(size_t from, const std::string& name, const Place& at) {
    const auto found = index_.find(name);
    if (found == index_.end()) {
      at.Complain("no container is named {}", QuoteJson(name));
      return std::nullopt;
    }
    if (found->second == from) {
      at.Complain("must be another container, not {} itself", QuoteJson(name));
      return std::nullopt;
    }
    edges_[from].push_back(found->second);
    return found->second;
  }

  void CheckDependsOn(size_t from) {
    const auto& list = definition_.containerDefinitions[from].dependsOn;
    for (size_t i = 0; i < list.size(); ++i) {
      const auto& [name, condition] = list[i];
      const Place at = at_["containerDefinitions"][from]["dependsOn"][i];
      if (!at.CheckGiven("containerName", name)) continue;
      const auto to = Wait(from, name, at["containerName"]);
      if (!to) continue;
      const ContainerDefinition& other = definition_.containerDefinitions[*to];
      if (condition == ContainerCondition::kHealthy && !other.healthCheck) {
        at["condition"].Complain("HEALTHY needs a healthCheck in {}", QuoteJson(name));
      }
      const bool ends =
          condition == ContainerCondition::kComplete || condition == ContainerCondition::kSuccess;
      if (ends && other.essential) {
        at["condition"].Complain("{} can't be met by {}, which is essential: its end ends the task",
                                 NameOf(condition), QuoteJson(name));
      }
    }
  }

  void CheckLinks(size_t from) {
    const auto& links = definition_.containerDefinitions[from].links;
    const Place list = at_["containerDefinitions"][from]["links"];
    if (!links.empty() && definition_.networkMode != NetworkMode::kBridge) {
      list.Complain("must be given in networkMode bridge only, not {}",
                    NameOf(definition_.networkMode));
    }
    for (size_t i = 0; i < links.size(); ++i) {
      const std::vector<std::string> parts = Split(links[i], ':');
      const bool valid = parts.size() <= 2 && !parts[0].empty() && !parts.back().empty() &&
                         IsMadeOf(parts.back(), "-_.");
      if (!valid) {
        list[i].Complain("must be a container's name or name:alias, not {}", QuoteJson(links[i]));
        continue;
      }
      Wait(from, parts[0], list[i]);
    }
  }

  void CheckVolumesFrom(size_t from) {
    const auto& list = definition_.containerDefinitions[from].volumesFrom;
    for (size_t i = 0; i < list.size(); ++i) {
      const Place at = at_["containerDefinitions"][from]["volumesFrom"][i];
      if (!at.CheckGiven("sourceContainer", list[i].sourceContainer)) continue;
      Wait(from, list[i].sourceContainer, at["sourceContainer"]);
    }
  }

  // Depth first; meeting a container of the way again closes a circle.
  void Visit(size_t container, std::vector<Mark>& marks, std::vector<size_t>& way) {
    if (marks[container] == Mark::kDone) return;
    if (marks[container] == Mark::kOnTheWay) {
      return ComplainOfCircle(std::find(way.begin(), way.end(), container), way.end());
    }
    marks[container] = Mark::kOnTheWay;
    way.push_back(container);
    for (const size_t next : edges_[container]) Visit(next, marks, way);
    way.pop_back();
    marks[container] = Mark::kDone;
  }

  void ComplainOfCircle(std::vector<size_t>::iterator begin, std::vector<size_t>::iterator end) {
    const auto& containers = definition_.containerDefinitions;
    std::vector<std::string> names;
    for (auto each = begin; each != end; ++each) names.push_back(containers[*each].name);
    names.push_back(names.front());
    at_["containerDefinitions"].Complain("containers wait for each other in a circle: {}",
                                         Join(names, " -> "));
  }

  const TaskDefinition& definition_;
  const Place& at_;
  std::map<std::string_view, size_t> index_;
  std::vector<std::vector<size_t>> edges_;
};

}  // namespace

void CheckDependencies(const TaskDefinition& definition, const Place& at) {
  Dependencies(definition, at).CheckAll();
}

}  // namespace berth::ecs
