#include <array>

#include "ecs/wire/acs_message_fields.h"
#include "ecs/wire/envelope.h"
#include "ecs/wire/tcs_message_fields.h"

namespace berth::ecs::wire {

BERTH_ECS_MESSAGE(PublishMetricsRequest);
BERTH_ECS_MESSAGE(PublishHealthRequest);
BERTH_ECS_MESSAGE(PublishInstanceStatusRequest);
BERTH_ECS_MESSAGE(AckPublishMetric);
BERTH_ECS_MESSAGE(AckPublishHealth);
BERTH_ECS_MESSAGE(AckPublishInstanceStatus);

namespace {

constexpr auto kTcsNotices = std::to_array<std::string_view>(
    {"StopTelemetrySessionMessage", "ServerException", "BadRequestException",
     "ResourceValidationException", "InvalidParameterException"});

}  // namespace

Result<TcsReport> ParseTcsReport(std::string_view json) {
  return ParseMessage<TcsReport>(json, kTcsNotices);
}

Result<TcsAnswer> ParseTcsAnswer(std::string_view frame) {
  return ParseMessage<TcsAnswer>(frame, kTcsNotices);
}

std::string FormatTcs(const TcsReport& report) { return FormatMessage(report); }
std::string FormatTcs(const TcsAnswer& answer) { return FormatMessage(answer); }

}  // namespace berth::ecs::wire
