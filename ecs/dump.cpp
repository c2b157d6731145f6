#include "ecs/dump.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "ecs/fields.h"
#include "ecs/names.h"

namespace berth::ecs {
namespace {

Json ToJson(const std::string& text) { return text; }
Json ToJson(bool value) { return value; }

template <std::integral Integer>
Json ToJson(Integer value) {
  return value;
}

template <NamedEnum Enum>
Json ToJson(Enum value) {
  return std::string(NameOf(value));
}

template <HasFields Struct>
Json ToJson(const Struct& value);

template <typename T>
Json ToJson(const std::optional<T>& value) {
  return ToJson(*value);  // an absent one is at its default, which is not written
}

template <typename T>
Json ToJson(const std::vector<T>& items) {
  Json list = Json::array();
  for (const T& item : items) list.push_back(ToJson(item));
  return list;
}

Json ToJson(const std::map<std::string, std::string>& map) {
  Json object = Json::object();
  // The keys of a map differ: no need to look for one.
  for (const auto& [key, value] : map) object.get_ref<Json::object_t&>().emplace_back(key, value);
  return object;
}

template <typename Struct, typename Member>
void Write(const Field<Struct, Member>& field, const Struct& from, Json& to) {
  static const Struct kDefault{};
  if (from.*field.member == kDefault.*field.member) return;
  to.emplace(field.name, ToJson(from.*field.member));
}

template <typename Struct, typename Member>
void Write(const Required<Struct, Member>& field, const Struct& from, Json& to) {
  to.emplace(field.name, ToJson(from.*field.member));
}

template <typename Struct>
void Write(const TaskSize<Struct>& field, const Struct& from, Json& to) {
  const std::optional<int64_t>& size = from.*field.member;
  if (size) to.emplace(field.name, std::to_string(*size));
}

template <HasFields Struct>
Json ToJson(const Struct& value) {
  Json object = Json::object();
  std::apply([&](const auto&... field) { (Write(field, value, object), ...); },
             Fields<Struct>::kAll);
  return object;
}

}  // namespace

std::string DumpTaskDefinition(const TaskDefinition& definition) {
  return DumpJson(ToJson(definition));
}

}  // namespace berth::ecs
