// Every field of the metadata answers, by name and type, against tables of what ECS agents send.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "agent/endpoints/metadata_json.h"
#include "agent/endpoints/test_catalog.h"

namespace berth::agent::endpoints {
namespace {

enum class Type { kText, kInteger, kNumber, kBoolean, kTime, kTexts, kMap, kObject, kObjects };
enum class Presence { kAlways, kOptional };

struct Field {
  Type type;
  Presence presence = Presence::kAlways;
  const char* schema = nullptr;  // of kObject and kObjects
};
using Schema = std::map<std::string, Field>;

constexpr Presence kMaybe = Presence::kOptional;

/// Of versions 2 and 3.
const std::map<std::string, Schema> kOlder = {
    {"Task",
     {{"Cluster", {Type::kText}},
      {"TaskARN", {Type::kText}},
      {"Family", {Type::kText}},
      {"Revision", {Type::kText}},
      {"DesiredStatus", {Type::kText, kMaybe}},
      {"KnownStatus", {Type::kText}},
      {"Containers", {Type::kObjects, kMaybe, "Container"}},
      {"Limits", {Type::kObject, kMaybe, "TaskLimits"}},
      {"PullStartedAt", {Type::kTime, kMaybe}},
      {"PullStoppedAt", {Type::kTime, kMaybe}},
      {"ExecutionStoppedAt", {Type::kTime, kMaybe}},
      {"AvailabilityZone", {Type::kText, kMaybe}},
      {"TaskTags", {Type::kMap, kMaybe}},
      {"ContainerInstanceTags", {Type::kMap, kMaybe}},
      {"Errors", {Type::kObjects, kMaybe, "Error"}}}},
    {"TaskLimits", {{"CPU", {Type::kNumber, kMaybe}}, {"Memory", {Type::kInteger, kMaybe}}}},
    {"Error",
     {{"ErrorField", {Type::kText}},
      {"ErrorCode", {Type::kText}},
      {"ErrorMessage", {Type::kText}},
      {"StatusCode", {Type::kInteger}},
      {"RequestId", {Type::kText, kMaybe}},
      {"ResourceARN", {Type::kText}}}},
    {"Container",
     {{"DockerId", {Type::kText}},
      {"Name", {Type::kText}},
      {"DockerName", {Type::kText}},
      {"Image", {Type::kText}},
      {"ImageID", {Type::kText}},
      {"Ports", {Type::kObjects, kMaybe, "Port"}},
      {"Labels", {Type::kMap, kMaybe}},
      {"DesiredStatus", {Type::kText}},
      {"KnownStatus", {Type::kText}},
      {"ExitCode", {Type::kInteger, kMaybe}},
      {"Limits", {Type::kObject, Presence::kAlways, "ContainerLimits"}},
      {"CreatedAt", {Type::kTime, kMaybe}},
      {"StartedAt", {Type::kTime, kMaybe}},
      {"FinishedAt", {Type::kTime, kMaybe}},
      {"Type", {Type::kText}},
      {"Networks", {Type::kObjects, kMaybe, "Network"}},
      {"Health", {Type::kObject, kMaybe, "Health"}},
      {"Volumes", {Type::kObjects, kMaybe, "Volume"}}}},
    {"ContainerLimits", {{"CPU", {Type::kNumber}}, {"Memory", {Type::kInteger}}}},
    {"Port",
     {{"ContainerPort", {Type::kInteger}},
      {"Protocol", {Type::kText}},
      {"HostPort", {Type::kInteger, kMaybe}}}},
    {"Network", {{"NetworkMode", {Type::kText}}, {"IPv4Addresses", {Type::kTexts}}}},
    {"Health",
     {{"status", {Type::kText}},
      {"statusSince", {Type::kTime, kMaybe}},
      {"exitCode", {Type::kInteger, kMaybe}},
      {"output", {Type::kText, kMaybe}}}},
    {"Volume",
     {{"DockerName", {Type::kText, kMaybe}},
      {"Source", {Type::kText, kMaybe}},
      {"Destination", {Type::kText, kMaybe}}}},
};

std::map<std::string, Schema> WithFields(std::map<std::string, Schema> schemas,
                                         const std::map<std::string, Schema>& more) {
  for (const auto& [name, fields] : more) schemas[name].insert(fields.begin(), fields.end());
  return schemas;
}

/// What version 4 adds.
const std::map<std::string, Schema> kNewest =
    WithFields(kOlder, {{"Task",
                         {{"LaunchType", {Type::kText, kMaybe}},
                          {"VPCID", {Type::kText, kMaybe}},
                          {"ServiceName", {Type::kText, kMaybe}},
                          {"Group", {Type::kText, kMaybe}},
                          {"FaultInjectionEnabled", {Type::kBoolean}},
                          {"AvailabilityZoneID", {Type::kText, kMaybe}}}},
                        {"Container",
                         {{"LogDriver", {Type::kText, kMaybe}},
                          {"LogOptions", {Type::kMap, kMaybe}},
                          {"ContainerARN", {Type::kText, kMaybe}},
                          {"RestartCount", {Type::kInteger, kMaybe}}}},
                        {"Port", {{"HostIp", {Type::kText, kMaybe}}}},
                        {"Network",
                         {{"AttachmentIndex", {Type::kInteger, kMaybe}},
                          {"MACAddress", {Type::kText, kMaybe}},
                          {"IPv4SubnetCIDRBlock", {Type::kText, kMaybe}},
                          {"DomainNameServers", {Type::kTexts, kMaybe}},
                          {"DomainNameSearchList", {Type::kTexts, kMaybe}},
                          {"PrivateDNSName", {Type::kText, kMaybe}},
                          {"SubnetGatewayIpv4Address", {Type::kText, kMaybe}}}}});

bool AllTexts(const Json& values) {
  return std::all_of(values.begin(), values.end(), [](const Json& v) { return v.is_string(); });
}

bool Is(const Json& value, Type type) {
  switch (type) {
    case Type::kText:
      return value.is_string();
    case Type::kInteger:
      return value.is_number_integer();
    case Type::kNumber:
      return value.is_number();
    case Type::kBoolean:
      return value.is_boolean();
    case Type::kTime:
      return value.is_string() && ParseTime(value.get<std::string>()).has_value();
    case Type::kTexts:
      return value.is_array() && AllTexts(value);
    case Type::kMap:
      return value.is_object() && AllTexts(value);
    case Type::kObject:
      return value.is_object();
    case Type::kObjects:
      return value.is_array();
  }
  return false;
}

class Walk {
 public:
  explicit Walk(const std::map<std::string, Schema>& schemas) : schemas_(schemas) {}

  void Check(const Json& object, const std::string& schema, const std::string& path) {
    const Schema& fields = schemas_.at(schema);
    for (const auto& [name, value] : object.items()) {
      const auto field = fields.find(name);
      const std::string where = path + "." + name;
      if (field == fields.end()) {
        ADD_FAILURE() << where << " is not in the reference";
        continue;
      }
      seen_.insert(schema + "." + name);
      EXPECT_TRUE(Is(value, field->second.type)) << where << " is " << value;
      if (field->second.schema == nullptr) continue;
      if (!value.is_array()) {
        Check(value, field->second.schema, where);
        continue;
      }
      for (const Json& item : value) Check(item, field->second.schema, where);
    }
    for (const auto& [name, field] : fields) {
      if (field.presence == Presence::kAlways) {
        EXPECT_TRUE(object.contains(name)) << path << " lacks " << name;
      }
    }
  }

  /// That what was walked had every field there is.
  void ExpectAllSeen() const {
    for (const auto& [schema, fields] : schemas_) {
      for (const auto& [name, field] : fields) {
        EXPECT_TRUE(seen_.contains(schema + "." + name)) << schema << "." << name;
      }
    }
  }

 private:
  const std::map<std::string, Schema>& schemas_;
  std::set<std::string> seen_;
};

class MetadataSchemaTest : public testing::Test {
 protected:
  MetadataSchemaTest() {
    // What a task in awsvpc mode can't have, one in bridge mode has.
    EndpointTask bridge = HostTask();
    bridge.network_mode = "bridge";
    catalog_.Put(bridge);
    catalog_.arns_by_address["10.20.0.7"] = kHostArn;
    calls_.tags[kWebArn] = {{"team", "shop"}};
    calls_.tags[kInstanceArn] = {{"rack", "1"}};
  }

  TestCatalog catalog_;
  TestCalls calls_;
  stats::UsageBook usage_;
  MetadataSources sources_{catalog_, usage_, calls_};
};

TEST_F(MetadataSchemaTest, Version4HasTheFieldsOfTheReference) {
  Walk walk(kNewest);
  walk.Check(AskMetadata(sources_, "/v4/web-id/task").Body(), "Task", "task");
  walk.Check(AskMetadata(sources_, "/v4/host-id/task", "10.20.0.7").Body(), "Task", "bridge");
  walk.Check(AskMetadata(sources_, "/v4/web-id").Body(), "Container", "container");
  walk.Check(AskMetadata(sources_, "/v4/web-id/taskWithTags").Body(), "Task", "tagged");
  calls_.tags.clear();
  walk.Check(AskMetadata(sources_, "/v4/web-id/taskWithTags").Body(), "Task", "failed");
  walk.ExpectAllSeen();
}

TEST_F(MetadataSchemaTest, Versions2And3HaveTheFieldsOfTheReference) {
  for (const std::string prefix : {"/v2/metadata", "/v3/web-id/task"}) {
    const bool second = prefix == "/v2/metadata";
    const std::string tagged = second ? "/v2/metadataWithTags" : "/v3/web-id/taskWithTags";
    const std::string container = second ? "/v2/metadata/" + std::string(64, 'a') : "/v3/web-id";
    Walk walk(kOlder);
    walk.Check(AskMetadata(sources_, prefix).Body(), "Task", prefix);
    walk.Check(AskMetadata(sources_, container).Body(), "Container", container);
    const auto tags = calls_.tags;
    walk.Check(AskMetadata(sources_, tagged).Body(), "Task", tagged);
    calls_.tags.clear();
    walk.Check(AskMetadata(sources_, tagged).Body(), "Task", tagged);
    calls_.tags = tags;
    walk.ExpectAllSeen();
  }
}

TEST_F(MetadataSchemaTest, ATaskOfWhichNothingIsKnownHasWhatMustBeThere) {
  EndpointTask bare = {.arn = kWebArn, .family = "f", .revision = "1", .network_mode = "none"};
  bare.containers = {{.docker_id = "d", .endpoint_id = "e", .name = "n"}};
  Walk(kNewest).Check(DescribeTask(bare, {}, MetadataVersion::kV4), "Task", "bare");
  Walk(kNewest).Check(DescribeContainer(bare, bare.containers[0], MetadataVersion::kV4),
                      "Container", "bare");
  Walk(kOlder).Check(DescribeTask(bare, {}, MetadataVersion::kV3), "Task", "bare");
}

}  // namespace
}  // namespace berth::agent::endpoints
