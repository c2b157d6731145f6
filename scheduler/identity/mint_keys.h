// New access keys, as AWS's look.
#pragma once

#include "ecs/sigv4.h"

namespace berth::scheduler {

/// A long-lived one: AKIA and 16 capital letters and digits; a secret of 40 characters.
ecs::AwsCredentials MintAccessKey();

/// The id of temporary ones: ASIA and 16 more.
std::string MintTemporaryKeyId();

/// `bytes` random bytes (getrandom(2)).
std::string RandomBytes(size_t bytes);

}  // namespace berth::scheduler
