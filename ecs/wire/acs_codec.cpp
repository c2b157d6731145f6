#include <array>

#include "ecs/wire/acs_message_fields.h"
#include "ecs/wire/envelope.h"

namespace berth::ecs::wire {

BERTH_ECS_MESSAGE(PayloadMessage);
BERTH_ECS_MESSAGE(TaskManifestMessage);
BERTH_ECS_MESSAGE(TaskStopVerificationAck);
BERTH_ECS_MESSAGE(IAMRoleCredentialsMessage);
BERTH_ECS_MESSAGE(AttachTaskNetworkInterfacesMessage);
BERTH_ECS_MESSAGE(AttachInstanceNetworkInterfacesMessage);
BERTH_ECS_MESSAGE(PerformUpdateMessage);
BERTH_ECS_MESSAGE(AckRequest);
BERTH_ECS_MESSAGE(NackRequest);
BERTH_ECS_MESSAGE(HeartbeatAckRequest);
BERTH_ECS_MESSAGE(IAMRoleCredentialsAckRequest);
BERTH_ECS_MESSAGE(TaskStopVerificationMessage);

namespace {

constexpr auto kAcsNotices = std::to_array<std::string_view>(
    {"CloseMessage", "ErrorMessage", "ServerException", "BadRequestException",
     "InvalidClusterException", "InvalidInstanceException", "AccessDeniedException",
     "InactiveInstanceException"});

}  // namespace

Result<AcsOrder> ParseAcsOrder(std::string_view frame) {
  return ParseMessage<AcsOrder>(frame, kAcsNotices);
}

Result<AcsReply> ParseAcsReply(std::string_view frame) {
  return ParseMessage<AcsReply>(frame, kAcsNotices);
}

std::string FormatAcs(const AcsOrder& order) { return FormatMessage(order); }
std::string FormatAcs(const AcsReply& reply) { return FormatMessage(reply); }

}  // namespace berth::ecs::wire
