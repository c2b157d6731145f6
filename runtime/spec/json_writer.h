// JSON written straight into a text. A seccomp profile alone has hundreds of names: by way of a
// tree of JSON values they cost a launch more than whatever else it computes.
#pragma once

#include <concepts>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace berth::runtime {

inline void Write(std::string& out, bool value) { out += value ? "true" : "false"; }
inline void Write(std::string& out, const std::string& text) { out += QuoteJson(text); }
template <std::integral Number>
void Write(std::string& out, Number number) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

// Declared ahead of their use below, which finds only those of our own types by itself.
template <typename T>
void Write(std::string& out, const std::vector<T>& values);
inline void Write(std::string& out, const std::map<std::string, std::string>& values);

/// Between its braces: an object's fields, in the order in which they are put.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;
  ~JsonObject() { out_ += '}'; }

  /// For a value that the caller appends.
  std::string& Name(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    out_ += QuoteJson(name);
    return out_ += ':';
  }
  template <typename T>
  void Always(std::string_view name, const T& value) {
    Write(Name(name), value);
  }

  /// A field is written when it differs from what its absence means.
  void Put(std::string_view name, bool value) {
    if (value) Always(name, value);
  }
  template <typename T>
  void Put(std::string_view name, const std::optional<T>& value) {
    if (value) Always(name, *value);
  }
  template <typename Range>
  requires requires(const Range& range) { range.empty(); }
  void Put(std::string_view name, const Range& range) {
    if (!range.empty()) Always(name, range);
  }

 private:
  std::string& out_;
};

template <typename T>
void Write(std::string& out, const std::vector<T>& values) {
  out += '[';
  for (const T& value : values) {
    if (out.back() != '[') out += ',';
    Write(out, value);
  }
  out += ']';
}

inline void Write(std::string& out, const std::map<std::string, std::string>& values) {
  JsonObject json(out);
  for (const auto& [name, value] : values) json.Always(name, value);
}

}  // namespace berth::runtime
