// The operations of the ECS API that the scheduler serves, by group. Each looks at the world and
// changes it, at once and without waiting; whoever called it sends the answer once the change is
// durable (model/ledger.h).
//
// Source of their behaviour: the Amazon ECS API Reference, and the errors that real clients expect.
#pragma once

#include "ecs/api/agent.h"
#include "ecs/api/cluster.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/tags.h"
#include "ecs/api/task.h"
#include "ecs/api/task_definition.h"
#include "scheduler/api/call.h"

namespace berth::scheduler {

namespace api = ecs::api;
template <typename T>
using Answer = ecs::ApiResult<T>;

// clusters.cpp
Answer<api::ClusterResponse> CreateCluster(const Call&, const api::CreateClusterRequest&);
Answer<api::DescribeClustersResponse> DescribeClusters(const Call&,
                                                       const api::DescribeClustersRequest&);
Answer<api::ListClustersResponse> ListClusters(const Call&, const api::ListClustersRequest&);
Answer<api::ClusterResponse> UpdateCluster(const Call&, const api::UpdateClusterRequest&);
Answer<api::ClusterResponse> UpdateClusterSettings(const Call&,
                                                   const api::UpdateClusterSettingsRequest&);
Answer<api::ClusterResponse> DeleteCluster(const Call&, const api::DeleteClusterRequest&);

// task_definitions.cpp. The input of RegisterTaskDefinition is read by ecs/parse.h.
Answer<api::TaskDefinitionResponse> RegisterTaskDefinition(const Call&, ecs::TaskDefinition);
Answer<api::TaskDefinitionResponse> DescribeTaskDefinition(
    const Call&, const api::DescribeTaskDefinitionRequest&);
Answer<api::TaskDefinitionResponse> DeregisterTaskDefinition(
    const Call&, const api::DeregisterTaskDefinitionRequest&);
Answer<api::DeleteTaskDefinitionsResponse> DeleteTaskDefinitions(
    const Call&, const api::DeleteTaskDefinitionsRequest&);
Answer<api::ListTaskDefinitionsResponse> ListTaskDefinitions(
    const Call&, const api::ListTaskDefinitionsRequest&);
Answer<api::ListTaskDefinitionFamiliesResponse> ListTaskDefinitionFamilies(
    const Call&, const api::ListTaskDefinitionFamiliesRequest&);

// container_instances.cpp
Answer<api::ContainerInstanceResponse> RegisterContainerInstance(
    const Call&, const api::RegisterContainerInstanceRequest&);
Answer<api::ContainerInstanceResponse> DeregisterContainerInstance(
    const Call&, const api::DeregisterContainerInstanceRequest&);
Answer<api::ContainerInstancesResponse> DescribeContainerInstances(
    const Call&, const api::DescribeContainerInstancesRequest&);
Answer<api::ListContainerInstancesResponse> ListContainerInstances(
    const Call&, const api::ListContainerInstancesRequest&);
Answer<api::ContainerInstancesResponse> UpdateContainerInstancesState(
    const Call&, const api::UpdateContainerInstancesStateRequest&);

// attributes.cpp
Answer<api::AttributesResponse> PutAttributes(const Call&, const api::AttributesRequest&);
Answer<api::AttributesResponse> DeleteAttributes(const Call&, const api::AttributesRequest&);
Answer<api::ListAttributesResponse> ListAttributes(const Call&, const api::ListAttributesRequest&);

// run_task.cpp
Answer<api::TasksResponse> RunTask(const Call&, const api::RunTaskRequest&);
Answer<api::TasksResponse> StartTask(const Call&, const api::StartTaskRequest&);

// tasks.cpp
Answer<api::TaskResponse> StopTask(const Call&, const api::StopTaskRequest&);
Answer<api::TasksResponse> DescribeTasks(const Call&, const api::DescribeTasksRequest&);
Answer<api::ListTasksResponse> ListTasks(const Call&, const api::ListTasksRequest&);
Answer<api::TaskProtectionResponse> GetTaskProtection(const Call&,
                                                      const api::GetTaskProtectionRequest&);
Answer<api::TaskProtectionResponse> UpdateTaskProtection(const Call&,
                                                         const api::UpdateTaskProtectionRequest&);

// tags.cpp
Answer<api::Empty> TagResource(const Call&, const api::TagResourceRequest&);
Answer<api::Empty> UntagResource(const Call&, const api::UntagResourceRequest&);
Answer<api::ListTagsForResourceResponse> ListTagsForResource(
    const Call&, const api::ListTagsForResourceRequest&);

// agent_calls.cpp
Answer<api::DiscoverPollEndpointResponse> DiscoverPollEndpoint(
    const Call&, const api::DiscoverPollEndpointRequest&);
Answer<api::AcknowledgmentResponse> SubmitTaskStateChange(const Call&,
                                                          const api::SubmitTaskStateChangeRequest&);
Answer<api::AcknowledgmentResponse> SubmitContainerStateChange(
    const Call&, const api::SubmitContainerStateChangeRequest&);
Answer<api::AcknowledgmentResponse> SubmitAttachmentStateChanges(
    const Call&, const api::SubmitAttachmentStateChangesRequest&);

}  // namespace berth::scheduler
