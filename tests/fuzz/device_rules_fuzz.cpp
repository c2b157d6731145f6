// Device rules: words as a configuration has them, and what the compiled filter makes of them.
#include <stdlib.h>

#include <cstddef>
#include <cstdint>

#include "base/text.h"
#include "cgroups/devices/interpreter.h"
#include "cgroups/devices/model.h"
#include "cgroups/devices/program.h"

namespace {

using namespace berth;
using namespace berth::cgroups;

/// A line "allow c 1 3 rw"; a number that is none is a wildcard.
void AddRule(const std::string& line, std::vector<DeviceRule>& rules) {
  const auto words = Split(line, ' ');
  if (words.size() != 5) return;
  const auto type = ParseDeviceType(words[1]);
  const auto major = ParseDeviceNumber(ParseInteger<int64_t>(words[2]));
  const auto minor = ParseDeviceNumber(ParseInteger<int64_t>(words[3]));
  const auto access = ParseDeviceAccess(words[4]);
  if (!type || !major || !minor || !access) return;
  rules.push_back({.allow = words[0] == "allow",
                   .type = *type,
                   .major = *major,
                   .minor = *minor,
                   .access = *access});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<DeviceRule> rules;
  for (const std::string& line : Split({reinterpret_cast<const char*>(data), size}, '\n')) {
    AddRule(line, rules);
    if (rules.size() == 32) break;
  }
  const auto code = CompileDeviceFilter(rules);
  // Devices that the rules name, and a stranger.
  std::vector<uint32_t> numbers = {7};
  for (const DeviceRule& rule : rules) {
    numbers.push_back(rule.major.value_or(1));
    numbers.push_back(rule.minor.value_or(2));
  }
  for (size_t i = 0; i + 1 < numbers.size(); ++i) {
    for (uint32_t question = 0; question < 16; ++question) {
      const DeviceRequest request = {
          .type = question < 8 ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
          .major = numbers[i],
          .minor = numbers[i + 1],
          .access = static_cast<DeviceAccess>(question % 8)};
      const auto answer =
          Interpret(code, MakeRequest(request.type, request.major, request.minor, request.access));
      if (!answer || *answer != (ModelAllows(rules, request) ? 1U : 0U)) ::abort();
    }
  }
  return 0;
}
