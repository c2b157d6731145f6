// The doctor's report, for people and for programs.
#pragma once

#include <string>

#include "agent/doctor/doctor.h"

namespace berth::doctor {

/// One line a finding, what to change below it, a summary at the end.
std::string RenderText(const Report& report);

/// {"state": "ok|limited|missing", "findings": [{"name", "state", "found", "change"?}]}, indented.
std::string RenderJson(const Report& report);

std::string_view Name(State state);

}  // namespace berth::doctor
