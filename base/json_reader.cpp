#include "base/json_reader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace berth {

void JsonProblems::Add(std::string path, std::string_view text, JsonFault fault) {
  if (fault == JsonFault::kType) has_wrong_types_ = true;
  problems_.push_back(path.empty() ? std::string(text) : fmt::format("{}: {}", path, text));
}

Result<void> JsonProblems::Check() const {
  if (problems_.empty()) return {};
  return Error(Join(problems_, "\n"));
}

JsonReader::JsonReader(const Json& document, JsonProblems& problems)
    : value_(&document), problems_(&problems) {}

JsonReader::JsonReader(const Json& value, const JsonReader* parent, std::string_view key,
                       size_t index)
    : value_(&value), problems_(parent->problems_), parent_(parent), key_(key), index_(index) {}

std::string JsonReader::Path() const {
  if (parent_ == nullptr) return "";
  const std::string above = parent_->Path();
  if (key_.empty() && parent_->IsArray()) return fmt::format("{}[{}]", above, index_);
  return above.empty() ? std::string(key_) : fmt::format("{}.{}", above, key_);
}

void JsonReader::Complain(std::string_view text, JsonFault fault) const {
  problems_->Add(Path(), text, fault);
}

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

std::vector<JsonReader> JsonReader::Items() const& {
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
    if (!misfit_told_) Complain(fmt::format("must be an object, not {}", value_->type_name()));
    misfit_told_ = true;
    return std::nullopt;
  }
  const auto& fields = value_->get_ref<const Json::object_t&>();
  const auto field = std::find_if(fields.begin(), fields.end(),
                                  [&](const auto& each) { return each.first == name; });
  if (field == fields.end()) return std::nullopt;
  asked_.push_back(&field->second);
  if (field->second.is_null()) return std::nullopt;
  return JsonReader(field->second, this, field->first, 0);
}

void JsonReader::RefuseOtherFields() const {
  if (problems_->unknown_fields() == UnknownFields::kIgnored || !value_->is_object()) return;
  for (auto field = value_->begin(); field != value_->end(); ++field) {
    if (std::find(asked_.begin(), asked_.end(), &field.value()) != asked_.end()) continue;
    Complain(fmt::format("unknown field \"{}\"", field.key()), JsonFault::kValue);
  }
}

void ReadJson(const JsonReader& in, WallTime& out) {
  // Within these bounds nanoseconds fit 64 bits.
  constexpr double kLimit = 9.2e9;
  const double seconds = in.Number();
  if (std::abs(seconds) > kLimit) {
    in.Complain(fmt::format("must be seconds since 1970, not {}", seconds));
    return;
  }
  out = WallTime(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

}  // namespace berth
