#include "base/json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace berth {
namespace {

// Where byte `offset` of `text` stands, as a person counts.
std::string Position(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  size_t line = 1;
  size_t line_start = 0;
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++line;
      line_start = i + 1;
    }
  }
  return fmt::format("line {} column {}", line, offset - line_start + 1);
}

constexpr size_t kMaxDepth = 64;
constexpr size_t kFewKeys = 24;

// Builds the document from the parser's events. The library's own builder takes duplicate keys,
// goes as deep as the input says, and looks every new key up among all earlier ones.
class TreeBuilder : public nlohmann::json_sax<Json> {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  Json Take() { return std::move(document_); }
  const std::string& problem() const { return problem_; }

  bool null() override { return Add(nullptr); }
  bool boolean(bool value) override { return Add(value); }
  bool number_integer(int64_t value) override { return Add(value); }
  bool number_unsigned(uint64_t value) override { return Add(value); }
  bool number_float(double value, const std::string&) override { return Add(value); }
  bool string(std::string& value) override { return Add(std::move(value)); }
  bool binary(Json::binary_t&) override { return Refuse("binary data"); }

  bool start_object(size_t) override {
    keys_.emplace_back();
    return Open(Json::object());
  }
  bool key(std::string& key) override {
    if (!IsNew(key)) {
      return Refuse(fmt::format("\"{}\" is given twice in one object", key));
    }
    key_ = std::move(key);
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    open_.pop_back();
    return true;
  }
  bool start_array(size_t) override { return Open(Json::array()); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(size_t offset, const std::string&, const Json::exception& error) override {
    constexpr int kNumberOverflow = 406;
    if (error.id == kNumberOverflow) return Refuse("a number is out of range");
    problem_ = fmt::format("not valid JSON at {}", Position(text_, offset > 0 ? offset - 1 : 0));
    return false;
  }

 private:
  // A few keys are looked through; for many, which may be somebody's attempt to keep us busy, there
  // is a set.
  bool IsNew(const std::string& key) {
    const auto& fields = open_.back()->get_ref<const Json::object_t&>();
    std::set<std::string>& known = keys_.back();
    if (fields.size() < kFewKeys) {
      return std::none_of(fields.begin(), fields.end(),
                          [&](const auto& field) { return field.first == key; });
    }
    if (known.empty()) {
      for (const auto& field : fields) known.insert(field.first);
    }
    return known.insert(key).second;
  }

  // Where `value` came to stand: in the innermost open list or object, or at the top. That one
  // alone grows while it is open, so the addresses of those around it hold.
  Json& Place(Json value) {
    if (open_.empty()) return document_ = std::move(value);
    Json& parent = *open_.back();
    if (parent.is_array()) return parent.get_ref<Json::array_t&>().emplace_back(std::move(value));
    // Straight to the end of the underlying vector: the key is known to be new.
    return parent.get_ref<Json::object_t&>()
        .Container::emplace_back(std::move(key_), std::move(value))
        .second;
  }
  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Json value) {
    if (open_.size() == kMaxDepth) {
      return Refuse(fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    open_.push_back(&Place(std::move(value)));
    return true;
  }
  bool Refuse(std::string_view why) {
    problem_ = fmt::format("not valid JSON: {}", why);
    return false;
  }

  std::string_view text_;
  Json document_;
  std::vector<Json*> open_;
  std::vector<std::set<std::string>> keys_;  // of each open object that has many
  std::string key_;
  std::string problem_;
};

}  // namespace

Result<Json> ParseJson(std::string_view text) {
  TreeBuilder builder(text);
  if (!Json::sax_parse(text, &builder)) return Error(builder.problem());
  return builder.Take();
}

std::string DumpJson(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DumpJsonPretty(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace berth
