#include "base/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace berth {

void JsonProblems::Add(std::string path, std::string_view text) {
  problems_.push_back(path.empty() ? std::string(text) : fmt::format("{}: {}", path, text));
}

Result<void> JsonProblems::Check() const {
  if (problems_.empty()) return {};
  return Error(Join(problems_, "\n"));
}

JsonReader::JsonReader(const Json& document, JsonProblems& problems)
    : value_(&document), problems_(&problems) {}

JsonReader::JsonReader(const Json& value, const JsonReader* parent, std::string key, size_t index)
    : value_(&value),
      problems_(parent->problems_),
      parent_(parent),
      key_(std::move(key)),
      index_(index) {}

std::string JsonReader::Path() const {
  if (parent_ == nullptr) return "";
  const std::string above = parent_->Path();
  if (key_.empty() && parent_->IsArray()) return fmt::format("{}[{}]", above, index_);
  return above.empty() ? key_ : fmt::format("{}.{}", above, key_);
}

void JsonReader::Complain(std::string_view text) const { problems_->Add(Path(), text); }

bool JsonReader::IsBoolean() const { return value_->is_boolean(); }
bool JsonReader::IsString() const { return value_->is_string(); }
bool JsonReader::IsArray() const { return value_->is_array(); }
bool JsonReader::IsObject() const { return value_->is_object(); }

std::string JsonReader::String() const {
  if (value_->is_string()) return value_->get<std::string>();
  Complain(fmt::format("must be a string, not {}", value_->type_name()));
  return "";
}

bool JsonReader::Boolean() const {
  if (value_->is_boolean()) return value_->get<bool>();
  Complain(fmt::format("must be true or false, not {}", value_->type_name()));
  return false;
}

int64_t JsonReader::Integer(int64_t least, int64_t most) const {
  const bool too_large = value_->is_number_unsigned() && value_->get<uint64_t>() > INT64_MAX;
  if (!value_->is_number_integer()) {
    Complain(fmt::format("must be a whole number, not {}",
                         value_->is_number() ? "a fraction" : value_->type_name()));
  } else if (too_large || value_->get<int64_t>() < least || value_->get<int64_t>() > most) {
    Complain(fmt::format("must be from {} to {}, not {}", least, most, value_->dump()));
  } else {
    return value_->get<int64_t>();
  }
  return std::clamp<int64_t>(0, least, most);
}

uint64_t JsonReader::Unsigned() const {
  if (value_->is_number_unsigned()) return value_->get<uint64_t>();
  Complain(fmt::format("must be a whole number from 0 up, not {}",
                       value_->is_number() ? value_->dump() : value_->type_name()));
  return 0;
}

double JsonReader::Number() const {
  if (value_->is_number()) return value_->get<double>();
  Complain(fmt::format("must be a number, not {}", value_->type_name()));
  return 0;
}

std::vector<JsonReader> JsonReader::Items() const {
  const size_t size = Size();
  std::vector<JsonReader> items;
  items.reserve(size);
  for (size_t i = 0; i < size; ++i) items.push_back(Item(i));
  return items;
}

size_t JsonReader::Size() const {
  if (value_->is_array()) return value_->size();
  Complain(fmt::format("must be a list, not {}", value_->type_name()));
  return 0;
}

JsonReader JsonReader::Item(size_t index) const {
  return JsonReader((*value_)[index], this, "", index);
}

std::vector<std::pair<std::string, JsonReader>> JsonReader::Fields() const {
  std::vector<std::pair<std::string, JsonReader>> fields;
  if (!value_->is_object()) {
    Complain(fmt::format("must be an object, not {}", value_->type_name()));
    return fields;
  }
  for (auto field = value_->begin(); field != value_->end(); ++field) {
    fields.emplace_back(field.key(), JsonReader(field.value(), this, field.key(), 0));
  }
  return fields;
}

std::optional<JsonReader> JsonReader::Find(std::string_view name) const {
  if (!value_->is_object()) {
    if (asked_.empty()) Complain(fmt::format("must be an object, not {}", value_->type_name()));
    asked_.emplace_back(name);
    return std::nullopt;
  }
  asked_.emplace_back(name);
  const auto field = value_->find(std::string(name));
  if (field == value_->end() || field->is_null()) return std::nullopt;
  return JsonReader(*field, this, std::string(name), 0);
}

void JsonReader::RefuseOtherFields() const {
  if (!value_->is_object()) return;
  for (auto field = value_->begin(); field != value_->end(); ++field) {
    if (std::find(asked_.begin(), asked_.end(), field.key()) != asked_.end()) continue;
    Complain(fmt::format("unknown field \"{}\"", field.key()));
  }
}

}  // namespace berth
