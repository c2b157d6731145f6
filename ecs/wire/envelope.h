// {"type": ..., "message": ...}: what every frame is. For the .cpp files of the codecs.
#pragma once

#include <functional>
#include <string_view>
#include <variant>

#include "ecs/read.h"
#include "ecs/wire/acs_message.h"
#include "ecs/write.h"

namespace berth::ecs::wire {

/// MessageName<Message>::kText is the `type` of the messages that have one of their own.
template <typename Message>
struct MessageName;

#define BERTH_ECS_MESSAGE(Message)                      \
  template <>                                           \
  struct MessageName<Message> {                         \
    static constexpr std::string_view kText = #Message; \
  }

// The one that goes over both connections.
BERTH_ECS_MESSAGE(HeartbeatMessage);

template <typename Message>
concept NamedMessage = requires {
  MessageName<Message>::kText;
};

/// Parses `frame` and calls `read` with its type and its message, which is there and an object.
Result<void> ReadEnvelope(std::string_view frame,
                          const std::function<void(const std::string&, const JsonReader&)>& read);
std::string FormatEnvelope(std::string_view type, std::string_view message);

ServiceNotice ReadNotice(const std::string& type, const JsonReader& in);

/// Reads `Message` into `out` if that is what `type` names.
template <typename Message, typename Variant>
bool ReadIfNamed(const std::string& type, const JsonReader& in, Variant& out) {
  if constexpr (NamedMessage<Message>) {
    if (type != MessageName<Message>::kText) return false;
    ReadJson(in, out.template emplace<Message>());
    return true;
  } else {
    return false;
  }
}

template <typename... Messages>
std::variant<Messages...> ReadMessage(const std::string& type, const JsonReader& in,
                                      std::variant<Messages...>*) {
  std::variant<Messages...> message = UnknownMessage{type};
  (void)(ReadIfNamed<Messages>(type, in, message) || ...);
  return message;
}

/// The message of `frame`; of one of the types `notices`, a ServiceNotice.
template <typename Variant, typename Notices>
Result<Variant> ParseMessage(std::string_view frame, const Notices& notices) {
  Variant message;
  TRY(ReadEnvelope(frame, [&](const std::string& type, const JsonReader& in) {
    message = ReadMessage(type, in, static_cast<Variant*>(nullptr));
    if constexpr (std::is_constructible_v<Variant, ServiceNotice>) {
      for (const std::string_view notice : notices) {
        if (type == notice) message = ReadNotice(type, in);
      }
    }
  }));
  return message;
}

template <typename Variant>
std::string FormatMessage(const Variant& message) {
  return std::visit(
      [](const auto& each) {
        using Message = std::decay_t<decltype(each)>;
        if constexpr (NamedMessage<Message>) {
          return FormatEnvelope(MessageName<Message>::kText, ToJson(each, Defaults::kWritten));
        } else if constexpr (std::is_same_v<Message, ServiceNotice>) {
          return FormatEnvelope(each.type,
                                fmt::format(R"({{"message":{}}})", QuoteJson(each.message)));
        } else {
          return FormatEnvelope(each.type, "{}");
        }
      },
      message);
}

}  // namespace berth::ecs::wire
