// Interfaces of the host that become the container's: linux.netDevices of config-linux.md.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Fails unless Linux takes `name` for an interface: at most 15 bytes, no slash, colon or space.
/// "%d" in it, once, is a number of the kernel's choice where `name` is one to be given.
Result<void> CheckInterfaceName(const std::string& name);

/// Moves the interfaces that `devices` names, in the caller's network namespace, into that of
/// process `pid`, gives each its new name and its permanent addresses of global scope again, and
/// sets it up. That all are there and their names are free is checked before the first is moved.
/// The calling thread is in the other namespace for a moment.
Result<void> MoveNetDevices(const std::map<std::string, NetDevice>& devices, pid_t pid);

}  // namespace berth::runtime
