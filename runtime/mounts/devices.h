// Device nodes of a container.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Makes the default devices and links of /dev (config-linux.md, "Default Devices") and the spec's
/// own, under `root` and while the host's /dev is still to be seen. With the host's /dev as a bind
/// mount nothing is made there. In a user namespace, where nobody may make nodes, the host's are
/// bound instead.
Result<void> MakeDevices(int root, const Spec& spec);

/// The paths of the devices that MakeDevices makes or binds.
std::vector<std::string> DevicePaths(const Spec& spec);

}  // namespace berth::runtime
