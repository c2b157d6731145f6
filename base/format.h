// fmt, without the parts that are slow to compile.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace berth {

/// The system's text for an errno value, as strerror(3), safe in threads.
std::string ErrnoMessage(int code);

}  // namespace berth
