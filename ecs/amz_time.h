// Times as signatures have them: 20261125T181500Z.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace berth::ecs {

std::string FormatAmzTime(WallTime time);
/// Errors: it is not written like that.
Result<WallTime> ParseAmzTime(std::string_view text);

}  // namespace berth::ecs
