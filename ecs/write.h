// Writes every struct of the model by its list of fields, straight as text. For .cpp files: what is
// instantiated here is large.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "ecs/field.h"
#include "ecs/names.h"

namespace berth::ecs {

/// Whether the fields that are Always there are written while they are at their default.
enum class Defaults { kOmitted, kWritten };

/// Appends values to one line of JSON. Nothing else that is at its default is written, but for
/// Required fields; an absent optional never is.
class JsonWriter {
 public:
  explicit JsonWriter(Defaults defaults) : defaults_(defaults) {}

  void Append(const std::string& text) { text_ += QuoteJson(text); }
  void Append(bool value) { text_ += value ? "true" : "false"; }
  template <std::integral Integer>
  void Append(Integer value) {
    fmt::format_to(std::back_inserter(text_), "{}", value);
  }
  void Append(double value);
  /// Seconds since 1970, with milliseconds if there are any.
  void Append(WallTime time);
  template <NamedEnum Enum>
  void Append(Enum value) {
    AppendQuoted(ecs::NameOf(value));
  }
  template <typename T>
  void Append(const std::optional<T>& value) {
    Append(*value);  // an absent one is not written
  }
  template <typename T>
  void Append(const std::vector<T>& items) {
    text_ += '[';
    for (const T& item : items) {
      Separate();
      Append(item);
    }
    text_ += ']';
  }
  template <typename T>
  void Append(const std::map<std::string, T>& map) {
    text_ += '{';
    for (const auto& [key, value] : map) {
      Separate();
      Append(key);
      text_ += ':';
      Append(value);
    }
    text_ += '}';
  }
  template <HasFields Struct>
  void Append(const Struct& value) {
    text_ += '{';
    AppendFields(value);
    text_ += '}';
  }

  std::string Take() { return std::move(text_); }

 private:
  // Names of fields and enumerators need no escape.
  void AppendQuoted(std::string_view name) {
    text_ += '"';
    text_ += name;
    text_ += '"';
  }
  void Separate() {
    if (text_.back() != '{' && text_.back() != '[') text_ += ',';
  }
  template <typename T>
  void AppendField(std::string_view name, const T& value) {
    Separate();
    AppendQuoted(name);
    text_ += ':';
    Append(value);
  }

  template <HasFields Struct>
  void AppendFields(const Struct& value) {
    Fields<Struct>::Visit([&](const auto&... field) { (AppendOne(field, value), ...); });
  }
  template <typename Struct, typename Member>
  void AppendOne(const Field<Struct, Member>& field, const Struct& from) {
    if (!IsDefault(from, field.member)) AppendField(field.name, from.*field.member);
  }
  template <typename Struct, typename Member>
  void AppendOne(const Required<Struct, Member>& field, const Struct& from) {
    AppendField(field.name, from.*field.member);
  }
  template <typename Struct, typename Member>
  void AppendOne(const Always<Struct, Member>& field, const Struct& from) {
    if (defaults_ == Defaults::kWritten || !IsDefault(from, field.member)) {
      AppendField(field.name, from.*field.member);
    }
  }
  template <typename Struct, typename Member>
  void AppendOne(const AlwaysIf<Struct, Member>& field, const Struct& from) {
    const bool always = defaults_ == Defaults::kWritten && field.applies(from);
    if (always || !IsDefault(from, field.member)) AppendField(field.name, from.*field.member);
  }
  template <typename Struct, typename Member>
  void AppendOne(const Inlined<Struct, Member>& field, const Struct& from) {
    AppendFields(from.*field.member);
  }
  template <typename Struct>
  void AppendOne(const TaskSize<Struct>& field, const Struct& from) {
    const std::optional<int64_t>& size = from.*field.member;
    if (size) AppendField(field.name, std::to_string(*size));
  }

  // Lists, maps and optionals of the model are empty by default; they need not be comparable.
  template <typename Struct, typename Member>
  static bool IsDefault(const Struct& from, Member Struct::*member) {
    const Member& value = from.*member;
    if constexpr (requires { value.has_value(); }) {
      return !value.has_value();
    } else if constexpr (requires { value.empty(); }) {
      return value.empty();
    } else {
      static const Struct kDefault{};
      return value == kDefault.*member;
    }
  }

  Defaults defaults_;
  std::string text_;
};

template <typename T>
std::string ToJson(const T& value, Defaults defaults) {
  JsonWriter writer(defaults);
  writer.Append(value);
  return writer.Take();
}

}  // namespace berth::ecs
