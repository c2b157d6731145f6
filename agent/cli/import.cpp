#include "agent/images/import.h"

#include "agent/cli/commands.h"
#include "agent/cli/run_view.h"

namespace berth::agent::cli {

Result<int> Import(const Paths& paths, const ImportCommandOptions& options) {
  images::Store store = TRY(images::Store::Open(paths.Images()));
  const auto view = MakeRunView(ViewForStderr());
  images::ImportOptions how = {.name = options.name,
                               .entrypoint = options.entrypoint,
                               .cmd = options.cmd,
                               .env = options.env,
                               .progress = view.get()};
  if (!options.user.empty()) how.user = options.user;
  if (!options.workdir.empty()) how.workingDir = options.workdir;
  const images::Image image = TRY(images::Import(store, options.path, how));
  view->ImageReady(image.name, image.digest.ToString());
  return 0;
}

}  // namespace berth::agent::cli
