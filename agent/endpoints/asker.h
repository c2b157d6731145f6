// Asker: who sent a request, told by the address that it came from.
//
// The firewall pins what a task sends to the task's own address (net/agent_endpoint.h), and lets
// nobody but tasks and the host itself near the endpoint.
#pragma once

#include <string_view>

#include "agent/endpoints/task_catalog.h"

namespace berth::agent::endpoints {

class Asker {
 public:
  static Asker Of(const TaskCatalog& catalog, std::string_view peer_address);

  /// Null for the host.
  const TaskPointer& task() const { return task_; }
  /// Whether it may read what there is to know of the task: its own, or any for the host, whose
  /// operator has to know the id all the same.
  bool MaySee(const EndpointTask& task) const;
  /// Whether it may act as the task: the task itself. Tasks in host mode have no address of their
  /// own: what the host sends is taken as theirs.
  bool MayActAs(const EndpointTask& task) const;

 private:
  enum class Kind { kStranger, kHost, kTask };
  explicit Asker(Kind kind, TaskPointer task = nullptr) : kind_(kind), task_(std::move(task)) {}

  Kind kind_;
  TaskPointer task_;
};

}  // namespace berth::agent::endpoints
