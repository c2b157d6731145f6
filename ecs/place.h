// Where in a document a rule looks, and what it has to say about it.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "base/json_reader.h"

namespace berth::ecs {

/// A JSON path under way. `at["portMappings"][2]["hostPort"].Complain("must be even")`.
/// The problems must outlive it.
class Place {
 public:
  explicit Place(JsonProblems& problems) : problems_(&problems) {}

  Place operator[](std::string_view field) const {
    return Place(*problems_,
                 path_.empty() ? std::string(field) : fmt::format("{}.{}", path_, field));
  }
  Place operator[](size_t index) const {
    return Place(*problems_, fmt::format("{}[{}]", path_, index));
  }

  const std::string& path() const { return path_; }

  template <typename... Args>
  void Complain(fmt::format_string<Args...> text, Args&&... args) const {
    problems_->Add(path_, fmt::format(text, std::forward<Args>(args)...));
  }

  /// Complains unless `value` lies in the range, bounds included.
  void CheckRange(int64_t value, int64_t least, int64_t most) const;
  void CheckLeast(int64_t value, int64_t least) const;
  /// Complains if the field `name` of this object is empty; true if it is not.
  bool CheckGiven(std::string_view name, std::string_view value) const;
  /// Complains unless `value` is an absolute path.
  void CheckAbsolute(std::string_view value) const;
  /// Complains unless `value` has 1 to 255 letters, digits, hyphens and underscores: what ECS
  /// wants of families, containers and volumes.
  void CheckName(std::string_view value) const;
  /// Complains unless `value` is an IPv4 or IPv6 address.
  void CheckAddress(const std::string& value) const;

 private:
  Place(JsonProblems& problems, std::string path) : problems_(&problems), path_(std::move(path)) {}

  JsonProblems* problems_;
  std::string path_;
};

/// True if every byte of `text` is a letter, a digit or one of `others`.
bool IsMadeOf(std::string_view text, std::string_view others);

}  // namespace berth::ecs
