#include "agent/task/agent_context.h"

#include <unistd.h>

#include "base/sys.h"

namespace berth::agent {

Result<AgentContext> AgentContext::Open(const Paths& paths) {
  if (::geteuid() != 0) return MakeError("tasks are a matter for root: run this as root");
  Config config = TRY(Config::Load(paths.config));
  for (const std::string& dir : {paths.root, paths.run, paths.Tasks(), paths.Volumes()}) {
    TRY(sys::MakeDirectories(dir, 0700));
  }
  State state = TRY(State::Open(paths.Database()));
  auto hierarchy = TRY(cgroups::DetectHierarchy());
  return AgentContext{.paths = paths,
                      .config = std::move(config),
                      .state = std::move(state),
                      .hierarchy = std::move(hierarchy)};
}

}  // namespace berth::agent
