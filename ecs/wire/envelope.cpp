#include "ecs/wire/envelope.h"

#include <nlohmann/json.hpp>

namespace berth::ecs::wire {

Result<void> ReadEnvelope(std::string_view frame,
                          const std::function<void(const std::string&, const JsonReader&)>& read) {
  const Json document = TRY(ParseJson(frame));
  JsonProblems problems(UnknownFields::kIgnored);
  const JsonReader in(document, problems);
  std::string type;
  in.Require("type", type);
  const auto message = in.Find("message");
  if (in.IsObject() && !message) in.Complain("message is required");
  if (message && !message->IsObject()) (void)message->Fields();  // complains
  RefuseNul(in);
  TRY(problems.Check());
  read(type, *message);
  if (!problems.empty()) return problems.Check().Context("{}", type);
  return {};
}

std::string FormatEnvelope(std::string_view type, std::string_view message) {
  return fmt::format(R"({{"type":{},"message":{}}})", QuoteJson(type), message);
}

ServiceNotice ReadNotice(const std::string& type, const JsonReader& in) {
  ServiceNotice notice{.type = type};
  in.Read("message", notice.message);
  return notice;
}

}  // namespace berth::ecs::wire
