#include "agent/task/agent_context.h"

#include "base/sys.h"

namespace berth::agent {

Result<AgentContext> AgentContext::Open(const Paths& paths) {
  Config config = TRY(Config::Load(paths.config));
  for (const std::string& dir : {paths.root, paths.run, paths.Tasks(), paths.Volumes()}) {
    TRY(sys::MakeDirectories(dir, 0700));
  }
  State state = TRY(State::Open(paths.Database()));
  return AgentContext{.paths = paths,
                      .config = std::move(config),
                      .state = std::move(state),
                      .hierarchy = TRY(cgroups::DetectHierarchy())};
}

}  // namespace berth::agent
