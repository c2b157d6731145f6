// Reads every struct of the model by its list of fields. ReadJson is found by JsonReader::Read.
#pragma once

#include <fmt/ranges.h>

#include "base/json_reader.h"
#include "ecs/fields.h"
#include "ecs/names.h"
#include "ecs/task_size.h"

namespace berth::ecs {

template <NamedEnum Enum>
void ReadJson(const JsonReader& in, Enum& out) {
  if (!in.IsString()) {
    in.String();  // complains
    return;
  }
  const std::string text = in.String();
  if (const auto value = FromName<Enum>(text)) {
    out = *value;
  } else {
    in.Complain(fmt::format("must be one of {}, not {}", fmt::join(Names<Enum>::kAll, ", "),
                            QuoteJson(text)));
  }
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Field<Struct, Member>& field, Struct& out) {
  in.Read(field.name, out.*field.member);
}

// What is no boolean leaves the default in place, on which the rules may lean (`essential`).
template <typename Struct>
void ReadField(const JsonReader& in, const Field<Struct, bool>& field, Struct& out) {
  const auto value = in.Find(field.name);
  if (!value) return;
  const bool read = value->Boolean();
  if (value->IsBoolean()) out.*field.member = read;
}

template <typename Struct, typename Member>
void ReadField(const JsonReader& in, const Required<Struct, Member>& field, Struct& out) {
  in.Require(field.name, out.*field.member);
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
  value->Complain(fmt::format(
      "must be {}, not {}",
      cpu ? "CPU units as \"256\" or vCPUs as \"0.25 vCPU\"" : "MiB as \"512\" or GB as \"0.5 GB\"",
      QuoteJson(text)));
}

template <HasFields Struct>
void ReadJson(const JsonReader& in, Struct& out) {
  std::apply([&](const auto&... field) { (ReadField(in, field, out), ...); }, Fields<Struct>::kAll);
  in.RefuseOtherFields();
}

/// Parses what a user wrote. ECS takes 64 KiB, of which indentation makes more: what is larger than
/// 512 KiB is refused unread, since the rules were made for tens of things, not for thousands.
Result<Json> ParseInput(std::string_view json);

/// Complains about each text below `in` that holds a NUL: no path, argument or variable can.
void RefuseNul(const JsonReader& in);

}  // namespace berth::ecs
