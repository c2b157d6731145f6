// What limits mean to the kernel: values to be written to files. One function per controller.
#pragma once

#include <string>
#include <vector>

#include "cgroups/limits.h"

namespace berth::cgroups {

/// One value for one control file.
struct Setting {
  const char* controller;
  const char* file;
  std::string value;
};

/// Each in the order in which the values are to be written.
std::vector<Setting> CpuSettings(const Limits& limits);
std::vector<Setting> MemorySettings(const Limits& limits);
std::vector<Setting> PidsSettings(const Limits& limits);

/// Those of all controllers.
std::vector<Setting> AllSettings(const Limits& limits);

}  // namespace berth::cgroups
