#include "agent/images/pull.h"

#include "agent/cli/commands.h"
#include "agent/cli/run_view.h"
#include "agent/config.h"
#include "agent/task/resolve_images.h"

namespace berth::agent::cli {

Result<int> Pull(const Paths& paths, const PullCommandOptions& options) {
  const auto reference = TRY(images::Reference::Parse(options.reference));
  const Config config = TRY(Config::Load(paths.config));
  images::Store store = TRY(images::Store::Open(paths.Images()));
  const auto view =
      MakeRunView(options.output == Output::kJson ? ViewKind::kJson : ViewForStderr());
  view->PullBegan(reference.Familiar());
  const images::Image image = TRY(images::Pull(store, reference,
                                               {.docker_config = DockerConfigPath(),
                                                .insecure_registries = config.insecureRegistries,
                                                .progress = view.get()}));
  view->ImageReady(image.name, image.digest.ToString());
  return 0;
}

}  // namespace berth::agent::cli
