// Reads every struct of the model by its list of fields. ReadJson is found by JsonReader::Read.
#pragma once

#include <fmt/ranges.h>

#include "base/json_reader.h"
#include "ecs/field.h"
#include "ecs/fields.h"
#include "ecs/names.h"
#include "ecs/task_size.h"

namespace berth::ecs {

/// Reads the field if it is there. What is no boolean leaves the default in place, on which the
/// rules may lean (`essential`).
template <typename Member>
void ReadOptional(const JsonReader& in, std::string_view name, Member& out) {
  if constexpr (std::is_same_v<Member, bool>) {
    const auto value = in.Find(name);
    if (!value) return;
    const bool read = value->Boolean();
    if (value->IsBoolean()) out = read;
  } else {
    in.Read(name, out);
  }
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Field<Struct, Member>& field, Struct& out) {
  ReadOptional(in, field.name, out.*field.member);
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Always<Struct, Member>& field, Struct& out) {
  ReadOptional(in, field.name, out.*field.member);
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const AlwaysIf<Struct, Member>& field, Struct& out) {
  ReadOptional(in, field.name, out.*field.member);
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Required<Struct, Member>& field, Struct& out) {
  in.Require(field.name, out.*field.member);
}

template <HasFields Struct>
void ReadFields(const JsonReader& in, Struct& out);

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Inlined<Struct, Member>& field, Struct& out) {
  ReadFields(in, out.*field.member);
}

template <typename Struct>
void ReadField(const JsonReader& in, const TaskSize<Struct>& field, Struct& out) {
  const auto value = in.Find(field.name);
  if (!value) return;
  std::optional<int64_t>& size = out.*field.member;
  const bool cpu = field.unit == SizeUnit::kCpuUnits;
  const std::string text = value->String();
  size = cpu ? ParseTaskCpu(text) : ParseTaskMemory(text);
  if (size || !value->IsString()) return;
  value->Complain(fmt::format("must be {}, not {}",
                              cpu ? "CPU units as \"256\" or vCPUs as \"0.25 vCPU\""
                                  : "MiB as \"512\" or GB as \"0.5 GB\"",
                              QuoteJson(text)),
                  JsonFault::kValue);
}

template <HasFields Struct>
void ReadFields(const JsonReader& in, Struct& out) {
  Fields<Struct>::Visit([&](const auto&... field) { (ReadField(in, field, out), ...); });
}

/// Parses what a user wrote. ECS takes 64 KiB, of which indentation makes more: what is larger than
/// 512 KiB is refused unread, since the rules were made for tens of things, not for thousands.
Result<Json> ParseInput(std::string_view json);

/// Complains about each text below `in` that holds a NUL: no path, argument or variable can.
void RefuseNul(const JsonReader& in);

}  // namespace berth::ecs

// Where JsonReader::Read finds them, of whatever namespace the struct or enumeration is.
namespace berth {

template <ecs::NamedEnum Enum>
void ReadJson(const JsonReader& in, Enum& out) {
  if (!in.IsString()) {
    in.String();  // complains
    return;
  }
  const std::string text = in.String();
  if (const auto value = ecs::FromName<Enum>(text)) {
    out = *value;
  } else {
    in.Complain(fmt::format("must be one of {}, not {}", fmt::join(ecs::Names<Enum>::kAll, ", "),
                            QuoteJson(text)),
                JsonFault::kValue);
  }
}

template <ecs::HasFields Struct>
void ReadJson(const JsonReader& in, Struct& out) {
  ecs::ReadFields(in, out);
  in.RefuseOtherFields();
}

}  // namespace berth
