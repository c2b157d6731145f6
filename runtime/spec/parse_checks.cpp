#include "runtime/spec/parse_checks.h"

namespace berth::runtime {
namespace {

bool AsksForNothing(const JsonReader& in) {
  if (in.IsString()) return in.String().empty();
  if (in.IsArray()) return in.Items().empty();
  return in.IsObject() && in.Fields().empty();
}

}  // namespace

void RefuseFields(const JsonReader& in, std::initializer_list<std::string_view> names,
                  std::string_view complaint) {
  for (const std::string_view name : names) {
    const auto field = in.Find(name);
    if (field && !AsksForNothing(*field)) field->Complain(complaint);
  }
}

void RequireAbsolute(const JsonReader& in, std::string_view name, const std::string& path) {
  if (path.starts_with('/')) return;
  if (const auto field = in.Find(name)) {
    field->Complain(fmt::format("must be an absolute path, not \"{}\"", path));
  }
}

void RequireAllAbsolute(const JsonReader& in, std::string_view name,
                        const std::vector<std::string>& paths) {
  for (const std::string& path : paths) RequireAbsolute(in, name, path);
}

void RefuseNul(const JsonReader& in, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    if (text.find('\0') != std::string::npos) in.Complain("has a NUL character");
  }
}

void Complain(const JsonReader& in, const Result<void>& checked) {
  if (!checked) in.Complain(checked.error().message());
}

}  // namespace berth::runtime
