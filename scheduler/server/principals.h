// Who the keys and sessions of the world stand for.
#pragma once

#include <string>

#include "scheduler/identity/authenticator.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

/// Looks keys and roles up in `world`, which must outlive it. Policies that can't be read count as
/// none: they were checked when they were put.
IdentitySource PrincipalsOf(const World& world);

}  // namespace berth::scheduler
