// Prints the fields that Berth has for the body of each operation of the ECS API, as
// {"RunTask": {"input": <type>, "output": <type>}}: test_api_model.py compares them with AWS's
// model. A type is "string", "boolean", "integer", "double", "timestamp", {"enum": [...]}, {"list":
// type},
// {"map": type} or {"members": {name: type}, "required": [...]}.
#include <cstdio>

#include "ecs/api/agent_fields.h"
#include "ecs/api/cluster_fields.h"
#include "ecs/api/container_instance_fields.h"
#include "ecs/api/tags_fields.h"
#include "ecs/api/task_definition_fields.h"
#include "ecs/api/task_fields.h"
#include "ecs/write.h"

namespace berth::ecs {
namespace {

template <typename T>
struct TypeOf;

template <>
struct TypeOf<std::string> {
  static std::string Text() { return R"("string")"; }
};
template <>
struct TypeOf<bool> {
  static std::string Text() { return R"("boolean")"; }
};
template <std::integral Integer>
struct TypeOf<Integer> {
  static std::string Text() { return R"("integer")"; }
};
template <>
struct TypeOf<double> {
  static std::string Text() { return R"("double")"; }
};
template <>
struct TypeOf<WallTime> {
  static std::string Text() { return R"("timestamp")"; }
};
template <NamedEnum Enum>
struct TypeOf<Enum> {
  static std::string Text() {
    std::vector<std::string> names;
    for (const std::string_view name : Names<Enum>::kAll) names.emplace_back(name);
    return fmt::format(R"({{"enum":{}}})", ToJson(names, Defaults::kWritten));
  }
};
template <typename T>
struct TypeOf<std::optional<T>> : TypeOf<T> {};
template <typename T>
struct TypeOf<std::vector<T>> {
  static std::string Text() { return fmt::format(R"({{"list":{}}})", TypeOf<T>::Text()); }
};
template <typename T>
struct TypeOf<std::map<std::string, T>> {
  static std::string Text() { return fmt::format(R"({{"map":{}}})", TypeOf<T>::Text()); }
};

struct Members {
  std::string members;
  std::vector<std::string> required;

  void Add(std::string_view name, const std::string& type) {
    members += fmt::format(R"({}"{}":{})", members.empty() ? "" : ",", name, type);
  }
};

template <template <typename, typename> typename Kind, typename Struct, typename Member>
void Note(const Kind<Struct, Member>& field, Members& to) {
  to.Add(field.name, TypeOf<Member>::Text());
}
template <typename Struct, typename Member>
void Note(const Required<Struct, Member>& field, Members& to) {
  to.Add(field.name, TypeOf<Member>::Text());
  to.required.emplace_back(field.name);
}
template <typename Struct>
void Note(const TaskSize<Struct>& field, Members& to) {
  to.Add(field.name, R"("string")");
}
template <typename Struct>
void NoteAll(Members& to);
template <typename Struct, typename Member>
void Note(const Inlined<Struct, Member>&, Members& to) {
  NoteAll<Member>(to);
}
template <typename Struct>
void NoteAll(Members& to) {
  Fields<Struct>::Visit([&](const auto&... field) { (Note(field, to), ...); });
}

template <HasFields Struct>
struct TypeOf<Struct> {
  static std::string Text() {
    Members members;
    NoteAll<Struct>(members);
    return fmt::format(R"({{"members":{{{}}},"required":{}}})", members.members,
                       ToJson(members.required, Defaults::kWritten));
  }
};

template <typename Input, typename Output>
void Print(std::string_view operation) {
  fmt::print("\"{}\":{{\"input\":{},\"output\":{}}},\n", operation, TypeOf<Input>::Text(),
             TypeOf<Output>::Text());
}

void PrintAll() {
  fmt::print("{{");
  using namespace api;  // NOLINT: every line below would say it twice
  Print<CreateClusterRequest, ClusterResponse>("CreateCluster");
  Print<DescribeClustersRequest, DescribeClustersResponse>("DescribeClusters");
  Print<ListClustersRequest, ListClustersResponse>("ListClusters");
  Print<UpdateClusterRequest, ClusterResponse>("UpdateCluster");
  Print<UpdateClusterSettingsRequest, ClusterResponse>("UpdateClusterSettings");
  Print<DeleteClusterRequest, ClusterResponse>("DeleteCluster");

  Print<RegisterContainerInstanceRequest, ContainerInstanceResponse>("RegisterContainerInstance");
  Print<DeregisterContainerInstanceRequest, ContainerInstanceResponse>(
      "DeregisterContainerInstance");
  Print<DescribeContainerInstancesRequest, ContainerInstancesResponse>(
      "DescribeContainerInstances");
  Print<ListContainerInstancesRequest, ListContainerInstancesResponse>("ListContainerInstances");
  Print<UpdateContainerInstancesStateRequest, ContainerInstancesResponse>(
      "UpdateContainerInstancesState");
  Print<AttributesRequest, AttributesResponse>("PutAttributes");
  Print<AttributesRequest, AttributesResponse>("DeleteAttributes");
  Print<ListAttributesRequest, ListAttributesResponse>("ListAttributes");

  Print<TaskDefinition, TaskDefinitionResponse>("RegisterTaskDefinition");
  Print<DescribeTaskDefinitionRequest, TaskDefinitionResponse>("DescribeTaskDefinition");
  Print<DeregisterTaskDefinitionRequest, TaskDefinitionResponse>("DeregisterTaskDefinition");
  Print<DeleteTaskDefinitionsRequest, DeleteTaskDefinitionsResponse>("DeleteTaskDefinitions");
  Print<ListTaskDefinitionsRequest, ListTaskDefinitionsResponse>("ListTaskDefinitions");
  Print<ListTaskDefinitionFamiliesRequest, ListTaskDefinitionFamiliesResponse>(
      "ListTaskDefinitionFamilies");

  Print<RunTaskRequest, TasksResponse>("RunTask");
  Print<StartTaskRequest, TasksResponse>("StartTask");
  Print<StopTaskRequest, TaskResponse>("StopTask");
  Print<DescribeTasksRequest, TasksResponse>("DescribeTasks");
  Print<ListTasksRequest, ListTasksResponse>("ListTasks");
  Print<GetTaskProtectionRequest, TaskProtectionResponse>("GetTaskProtection");
  Print<UpdateTaskProtectionRequest, TaskProtectionResponse>("UpdateTaskProtection");

  Print<TagResourceRequest, Empty>("TagResource");
  Print<UntagResourceRequest, Empty>("UntagResource");
  Print<ListTagsForResourceRequest, ListTagsForResourceResponse>("ListTagsForResource");

  Print<DiscoverPollEndpointRequest, DiscoverPollEndpointResponse>("DiscoverPollEndpoint");
  Print<SubmitTaskStateChangeRequest, AcknowledgmentResponse>("SubmitTaskStateChange");
  Print<SubmitContainerStateChangeRequest, AcknowledgmentResponse>("SubmitContainerStateChange");
  Print<SubmitAttachmentStateChangesRequest, AcknowledgmentResponse>(
      "SubmitAttachmentStateChanges");
  fmt::print("\"\":{{}}}}\n");
}

}  // namespace
}  // namespace berth::ecs

int main() { berth::ecs::PrintAll(); }
