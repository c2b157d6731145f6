// Catalog: the engine's tasks, as the agent's endpoints show them.
#pragma once

#include <string>

#include "agent/endpoints/task_catalog.h"
#include "agent/engine/engine.h"

namespace berth::agent {

class Catalog : public endpoints::TaskCatalog {
 public:
  Catalog(const engine::Engine& engine, endpoints::AgentInfo info)
      : engine_(engine), info_(std::move(info)) {}

  void SetAgent(endpoints::AgentInfo info) { info_ = std::move(info); }

  endpoints::AgentInfo Agent() const override { return info_; }
  std::vector<endpoints::TaskPointer> Tasks() const override;
  std::optional<endpoints::FoundContainer> FindByEndpointId(std::string_view id) const override;
  endpoints::TaskPointer FindByAddress(net::Ipv4 address) const override;
  std::optional<endpoints::FoundCredentials> FindByCredentialsId(
      std::string_view id) const override;

 private:
  const engine::Engine& engine_;
  endpoints::AgentInfo info_;
};

/// One of them.
endpoints::EndpointTask ToEndpointTask(const engine::EngineTask& task);

}  // namespace berth::agent
