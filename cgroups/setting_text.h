// Settings as "file=value", for tests.
#pragma once

#include <string>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

inline std::vector<std::string> Texts(const std::vector<Setting>& settings) {
  std::vector<std::string> texts;
  for (const Setting& setting : settings) texts.push_back(setting.file + "=" + setting.value);
  return texts;
}

}  // namespace berth::cgroups
