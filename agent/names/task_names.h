// The names of tasks, and which of them stands for whom.
//
// For a task with the name ecs-web-3-0af1b2c3 of the family web, in the service shop, with a
// container nginx:
//
//   shop                        all tasks of the service
//   web                         all tasks of the family
//   ecs-web-3-0af1b2c3          the task
//   nginx.ecs-web-3-0af1b2c3    its container
//
// A service takes a name before a family does, and a family before a task: whoever starts a task
// under the name of another's family gets none of that family's connections.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace berth::agent::names {

/// A running task as far as names go. Addresses are text, of either family.
struct NamedTask {
  std::string name;
  std::string family;
  std::string service;  // "": none
  struct Container {
    std::string name;
    std::vector<std::string> addresses;
  };
  std::vector<Container> containers;
};

/// Addresses by names in lower case, relative to the domain.
using NameMap = std::map<std::string, std::set<std::string>>;

/// What is no label of the DNS names nothing, rather than something that looks like it.
NameMap NamesOf(std::span<const NamedTask> tasks);

/// The zone of `domain` in the master file format (RFC 1035, 5). Answers live for a second, also
/// those that there is no such name.
std::string ZoneFile(std::string_view domain, const NameMap& names, uint32_t serial);

}  // namespace berth::agent::names
