#include "agent/task/resolve_images.h"

#include <cstdlib>
#include <map>

#include "agent/images/pull.h"

namespace berth::agent {
namespace {

Result<images::Image> Resolve(AgentContext& context, images::Store& store, const std::string& name,
                              const ResolveOptions& options) {
  const images::Reference reference = TRY(images::Reference::Parse(name));
  if (options.pull != PullBehavior::kAlways) {
    auto image = store.Find(name);
    if (image || options.pull == PullBehavior::kNever) return image;
  }
  options.pull_began(name);
  return images::Pull(store, reference,
                      {.docker_config = DockerConfigPath(),
                       .insecure_registries = context.config.insecureRegistries,
                       .progress = options.progress});
}

}  // namespace

Result<std::vector<images::Image>> ResolveImages(AgentContext& context, images::Store& store,
                                                 const ecs::TaskDefinition& definition,
                                                 const ResolveOptions& options) {
  std::vector<images::Image> images;
  std::map<std::string, images::Image> known;
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    const std::string& name = definition.containerDefinitions[i].image;
    if (!known.contains(name)) {
      known[name] =
          TRY(Resolve(context, store, name, options)
                  .Context("CannotPullContainerError: containerDefinitions[{}].image", i));
      options.image_ready(known[name]);
    }
    images.push_back(known[name]);
  }
  return images;
}

std::string DockerConfigPath() {
  if (const char* dir = ::getenv("DOCKER_CONFIG")) return std::string(dir) + "/config.json";
  if (const char* home = ::getenv("HOME")) return std::string(home) + "/.docker/config.json";
  return "";
}

}  // namespace berth::agent
