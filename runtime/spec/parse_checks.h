// Complaints that several parts of config.json have in common.
#pragma once

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "base/result.h"

namespace berth::runtime {

/// Complains about each field of `names` that asks for something; an empty one asks for nothing.
void RefuseFields(const JsonReader& in, std::initializer_list<std::string_view> names,
                  std::string_view complaint);

/// Complains about the field `name` unless `path` starts with a slash.
void RequireAbsolute(const JsonReader& in, std::string_view name, const std::string& path);
void RequireAllAbsolute(const JsonReader& in, std::string_view name,
                        const std::vector<std::string>& paths);

/// A NUL would cut a text short where the kernel reads it.
void RefuseNul(const JsonReader& in, const std::vector<std::string>& texts);

/// Complains with the failure of `checked`, if it is one.
void Complain(const JsonReader& in, const Result<void>& checked);

template <size_t N>
void RequireOneOf(const JsonReader& in, std::string_view name, const std::string& value,
                  const std::array<std::string_view, N>& allowed) {
  if (std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return;
  if (const auto field = in.Find(name)) {
    field->Complain(fmt::format("unknown value \"{}\"", value));
  }
}

}  // namespace berth::runtime
