#include "agent/images/pull.h"

#include "agent/images/assemble.h"
#include "agent/images/registry.h"

namespace berth::agent::images {
namespace {

Result<Image> PullInto(Store& store, const Reference& reference, const PullOptions& options) {
  RegistryOptions registry_options = {.credentials = options.credentials,
                                      .insecure_registries = options.insecure_registries,
                                      .http = {.ca_file = options.ca_file},
                                      .retry = options.retry};
  if (!registry_options.credentials) {
    registry_options.credentials =
        TRY(ReadDockerConfig(options.docker_config, reference.registry()));
  }
  const auto registry = TRY(Registry::Connect(reference, registry_options));
  const std::string text = TRY(registry->Manifest(reference.Target()));
  const Digest digest = Digest::Of(text);
  if (reference.digest()) TRY(Verified(text, *reference.digest()).Context("manifest"));
  IncomingImage incoming = TRY(IncomingImage::Begin(store));
  return Assemble(
      incoming, *registry, reference, digest, text,
      {.platform = options.platform,
       .work = {
           .parallel = options.parallel, .unpack = options.unpack, .progress = options.progress}});
}

}  // namespace

Result<Image> Pull(Store& store, const Reference& reference, const PullOptions& options) {
  return PullInto(store, reference, options).Context("pull {}", reference.Familiar());
}

}  // namespace berth::agent::images
