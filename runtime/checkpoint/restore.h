// A container out of the images of an earlier one.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/checkpoint/criu_messages.h"
#include "runtime/checkpoint/images.h"
#include "runtime/container.h"

namespace berth::runtime {

struct RestoreRequest {
  CriuOptions options;  // as the caller wants it; what follows from the container is added
  ImagePaths images;
  std::string rootfs;  // the container's root, absolute
};

/// Makes `container` as Create would, but of the images. It runs when this returns: there is no
/// Created::start. on_birth is called when all of it is there and none of it runs yet. On failure
/// nothing of it does. prestart and createRuntime hooks run once its namespaces are there; no
/// others. Understood of `container` are id, spec, bundle, stdio, console_socket, cgroup_fd and
/// on_birth: the rest is as it was when the images were made.
Result<Created> Restore(const CreateRequest& container, const RestoreRequest& request);

}  // namespace berth::runtime
