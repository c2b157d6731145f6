// Credentials for a registry.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace berth::agent::images {

struct Credentials {
  std::string user;
  std::string password;
};

/// Those for `registry` ("docker.io", "localhost:5000") from a Docker config.json; nothing if it or
/// the file is not there. Docker Hub is also found under its old name, https://index.docker.io/v1/.
/// Credential helpers are not run: a registry that has only one is an error that names it.
Result<std::optional<Credentials>> ReadDockerConfig(const std::string& path,
                                                    const std::string& registry);

}  // namespace berth::agent::images
