// Reads typed structs out of JSON and remembers, for each complaint, the path it is about.
//
//   void ReadJson(const JsonReader& in, PortMapping& out) {
//     in.Read("containerPort", out.containerPort);
//     in.RefuseOtherFields();
//   }
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"

namespace berth {

/// What is done about fields that nobody asked for.
enum class UnknownFields { kRefused, kIgnored };

/// Why a value is refused: it is of the wrong type, or of the right one but not allowed or absent.
enum class JsonFault { kType, kValue };

/// Complaints about one document, each starting with the JSON path it is about.
class JsonProblems {
 public:
  explicit JsonProblems(UnknownFields unknown_fields = UnknownFields::kRefused)
      : unknown_fields_(unknown_fields) {}

  void Add(std::string path, std::string_view text, JsonFault fault = JsonFault::kValue);
  UnknownFields unknown_fields() const { return unknown_fields_; }
  /// Whether something was of the wrong type.
  bool has_wrong_types() const { return has_wrong_types_; }
  bool empty() const { return problems_.empty(); }
  const std::vector<std::string>& all() const { return problems_; }
  /// Fails with the complaints, one a line, if there are any.
  Result<void> Check() const;

 private:
  UnknownFields unknown_fields_;
  bool has_wrong_types_ = false;
  std::vector<std::string> problems_;
};

/// One value of a document. Cheap to copy; the document and the parent readers must outlive it.
class JsonReader {
 public:
  JsonReader(const Json& document, JsonProblems& problems);

  /// As `containerDefinitions[1].portMappings[0].hostPort`; empty at the top.
  std::string Path() const;
  void Complain(std::string_view text, JsonFault fault = JsonFault::kType) const;

  bool IsBoolean() const;
  bool IsString() const;
  bool IsArray() const;
  bool IsObject() const;
  std::string String() const;
  bool Boolean() const;
  int64_t Integer(int64_t least, int64_t most) const;
  uint64_t Unsigned() const;
  double Number() const;
  std::vector<JsonReader> Items() const&;
  std::vector<JsonReader> Items() && = delete;  // they would outlive it
  /// How many items a list has, and one of them: for lists that are too long for all at once.
  size_t Size() const;
  JsonReader Item(size_t index) const;
  std::vector<std::pair<std::string, JsonReader>> Fields() const;

  /// The field of that name; nothing if it is absent or null.
  std::optional<JsonReader> Find(std::string_view name) const;
  /// Reads the field into `out` if it is there; leaves `out` alone otherwise.
  template <typename T>
  void Read(std::string_view name, T& out) const {
    if (auto field = Find(name)) ReadJson(*field, out);
  }
  /// The same, and complains if the field is absent.
  template <typename T>
  void Require(std::string_view name, T& out) const {
    if (auto field = Find(name)) {
      ReadJson(*field, out);
    } else if (IsObject()) {
      Complain(fmt::format("{} is required", name), JsonFault::kValue);
    }
  }
  /// Complains about every field that was not asked for by name so far, if the problems want that.
  void RefuseOtherFields() const;

 private:
  JsonReader(const Json& value, const JsonReader* parent, std::string_view key, size_t index);

  const Json* value_;
  JsonProblems* problems_;
  const JsonReader* parent_ = nullptr;
  std::string_view key_;  // in an object; the document's
  size_t index_ = 0;      // in an array
  // The fields that were asked for, and there.
  mutable std::vector<const Json*> asked_;
  mutable bool misfit_told_ = false;
};

inline void ReadJson(const JsonReader& in, std::string& out) { out = in.String(); }
inline void ReadJson(const JsonReader& in, bool& out) { out = in.Boolean(); }
inline void ReadJson(const JsonReader& in, double& out) { out = in.Number(); }
/// Seconds since 1970, kept to the millisecond.
void ReadJson(const JsonReader& in, WallTime& out);
template <typename Integer>
requires std::is_integral_v<Integer>
void ReadJson(const JsonReader& in, Integer& out) {
  using Limits = std::numeric_limits<Integer>;
  if constexpr (static_cast<uint64_t>(Limits::max()) > uint64_t{INT64_MAX}) {
    out = in.Unsigned();
  } else {
    out = static_cast<Integer>(in.Integer(Limits::min(), Limits::max()));
  }
}
template <typename T>
void ReadJson(const JsonReader& in, std::optional<T>& out) {
  ReadJson(in, out.emplace());
}
template <typename T>
void ReadJson(const JsonReader& in, std::vector<T>& out) {
  const size_t size = in.Size();
  out.reserve(size);
  for (size_t i = 0; i < size; ++i) ReadJson(in.Item(i), out.emplace_back());
}
template <typename T>
void ReadJson(const JsonReader& in, std::map<std::string, T>& out) {
  for (const auto& [name, field] : in.Fields()) ReadJson(field, out[name]);
}

}  // namespace berth
