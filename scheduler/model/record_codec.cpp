#include "scheduler/model/record_codec.h"

#include <nlohmann/json.hpp>

#include "ecs/api/cluster_fields.h"
#include "ecs/api/container_instance_fields.h"
#include "ecs/api/task_definition_fields.h"
#include "ecs/api/task_fields.h"
#include "ecs/read.h"
#include "ecs/write.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_NAMES(scheduler::InterfaceStatus, "PRECREATED", "ATTACHING", "ATTACHED", "DETACHED");

BERTH_ECS_FIELDS(scheduler::IdentityRecord,
                 Required{"account", &S::account},
                 Required{"region", &S::region},
                 Required{"sealKey", &S::seal_key});
BERTH_ECS_FIELDS(scheduler::ClusterRecord,
                 Required{"cluster", &S::cluster});
BERTH_ECS_FIELDS(scheduler::TaskDefinitionRecord,
                 Required{"registered", &S::registered},
                 Field{"tags", &S::tags});
BERTH_ECS_FIELDS(scheduler::FamilyRecord,
                 Required{"family", &S::family},
                 Required{"lastRevision", &S::last_revision});
BERTH_ECS_FIELDS(scheduler::InstanceRecord,
                 Required{"cluster", &S::cluster},
                 Required{"id", &S::id},
                 Required{"instance", &S::instance},
                 Field{"registeredBy", &S::registered_by},
                 Field{"registrationToken", &S::registration_token});
BERTH_ECS_FIELDS(scheduler::SequenceRecord,
                 Required{"last", &S::last});
BERTH_ECS_FIELDS(scheduler::TaskRecord,
                 Required{"cluster", &S::cluster},
                 Required{"id", &S::id},
                 Field{"instance", &S::instance},
                 Required{"task", &S::task},
                 Field{"cpu", &S::cpu},
                 Field{"memory", &S::memory},
                 Field{"tcpPorts", &S::tcp_ports},
                 Field{"udpPorts", &S::udp_ports},
                 Field{"delivered", &S::delivered},
                 Field{"interfaceId", &S::interface_id},
                 Field{"roleCredentialsId", &S::role_credentials_id},
                 Field{"executionRoleCredentialsId", &S::execution_role_credentials_id},
                 Field{"credentialsExpire", &S::credentials_expire},
                 Field{"protectionEnabled", &S::protection_enabled},
                 Field{"protectionExpires", &S::protection_expires});
BERTH_ECS_FIELDS(scheduler::InterfaceRecord,
                 Required{"id", &S::id},
                 Required{"attachmentId", &S::attachment_id},
                 Required{"cluster", &S::cluster},
                 Required{"taskId", &S::task_id},
                 Required{"subnetId", &S::subnet_id},
                 Field{"address", &S::address},
                 Field{"ipv6Address", &S::ipv6_address},
                 Required{"mac", &S::mac},
                 Field{"groups", &S::groups},
                 Required{"status", &S::status});
BERTH_ECS_FIELDS(scheduler::SubnetRecord,
                 Required{"id", &S::id},
                 Field{"cidrBlock", &S::cidr_block},
                 Field{"ipv6CidrBlock", &S::ipv6_cidr_block},
                 Field{"parent", &S::parent},
                 Field{"gateway", &S::gateway},
                 Field{"ipv6Gateway", &S::ipv6_gateway},
                 Field{"availabilityZone", &S::availability_zone},
                 Field{"mtu", &S::mtu},
                 Field{"masquerade", &S::masquerade},
                 Field{"dnsServers", &S::dns_servers},
                 Field{"lastGiven", &S::last_given},
                 Field{"lastGivenIpv6", &S::last_given_ipv6});
BERTH_ECS_FIELDS(scheduler::SecurityGroupRecord,
                 Required{"group", &S::group});
BERTH_ECS_FIELDS(scheduler::NamedPolicy,
                 Required{"name", &S::name},
                 Required{"document", &S::document});
BERTH_ECS_FIELDS(scheduler::RoleRecord,
                 Required{"name", &S::name},
                 Required{"arn", &S::arn},
                 Field{"id", &S::id},
                 Field{"assumeRolePolicyDocument", &S::assume_role_policy_document},
                 Field{"description", &S::description},
                 Field{"created", &S::created},
                 Field{"policies", &S::policies});
BERTH_ECS_FIELDS(scheduler::UserRecord,
                 Required{"name", &S::name},
                 Field{"path", &S::path},
                 Required{"arn", &S::arn},
                 Field{"id", &S::id},
                 Field{"created", &S::created},
                 Field{"policies", &S::policies});
BERTH_ECS_FIELDS(scheduler::AccessKeyRecord,
                 Required{"accessKeyId", &S::access_key_id},
                 Required{"secretAccessKey", &S::secret_access_key},
                 Required{"user", &S::user},
                 Required{"active", &S::active},
                 Field{"created", &S::created});
BERTH_ECS_FIELDS(scheduler::ClientTokenRecord,
                 Required{"token", &S::token},
                 Required{"cluster", &S::cluster},
                 Required{"requestDigest", &S::request_digest},
                 Field{"taskIds", &S::task_ids},
                 Field{"failures", &S::failures},
                 Field{"created", &S::created});
// clang-format on

}  // namespace berth::ecs

namespace berth::scheduler {

template <typename Record>
std::string EncodeRecord(const Record& record) {
  return ecs::ToJson(record, ecs::Defaults::kOmitted);
}

template <typename Record>
Result<Record> DecodeRecord(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  Record record;
  ReadJson(JsonReader(document, problems), record);
  TRY(problems.Check());
  return record;
}

#define BERTH_RECORD(Record)                        \
  template std::string EncodeRecord(const Record&); \
  template Result<Record> DecodeRecord<Record>(std::string_view)

BERTH_RECORD(IdentityRecord);
BERTH_RECORD(ClusterRecord);
BERTH_RECORD(TaskDefinitionRecord);
BERTH_RECORD(FamilyRecord);
BERTH_RECORD(InstanceRecord);
BERTH_RECORD(SequenceRecord);
BERTH_RECORD(TaskRecord);
BERTH_RECORD(InterfaceRecord);
BERTH_RECORD(SubnetRecord);
BERTH_RECORD(SecurityGroupRecord);
BERTH_RECORD(RoleRecord);
BERTH_RECORD(UserRecord);
BERTH_RECORD(AccessKeyRecord);
BERTH_RECORD(ClientTokenRecord);

}  // namespace berth::scheduler
