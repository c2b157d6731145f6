// Registered task definitions. Field lists of the structs in ecs/api/task_definition.h.
#pragma once

#include "ecs/api/common_fields.h"
#include "ecs/api/task_definition.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(api::RegisteredTaskDefinition,
                 Inlined{&S::definition},
                 Always{"taskDefinitionArn", &S::taskDefinitionArn},
                 Always{"status", &S::status},
                 Always{"requiresAttributes", &S::requiresAttributes},
                 Always{"compatibilities", &S::compatibilities},
                 Field{"registeredAt", &S::registeredAt},
                 Field{"deregisteredAt", &S::deregisteredAt},
                 Field{"registeredBy", &S::registeredBy});
BERTH_ECS_FIELDS(api::TaskDefinitionResponse,
                 Always{"taskDefinition", &S::taskDefinition},
                 Always{"tags", &S::tags});
BERTH_ECS_FIELDS(api::DescribeTaskDefinitionRequest,
                 Required{"taskDefinition", &S::taskDefinition},
                 Field{"include", &S::include});
BERTH_ECS_FIELDS(api::DeregisterTaskDefinitionRequest,
                 Required{"taskDefinition", &S::taskDefinition});
BERTH_ECS_FIELDS(api::DeleteTaskDefinitionsRequest,
                 Required{"taskDefinitions", &S::taskDefinitions});
BERTH_ECS_FIELDS(api::DeleteTaskDefinitionsResponse,
                 Always{"taskDefinitions", &S::taskDefinitions},
                 Always{"failures", &S::failures});
BERTH_ECS_FIELDS(api::ListTaskDefinitionsRequest,
                 Field{"familyPrefix", &S::familyPrefix},
                 Field{"status", &S::status},
                 Field{"sort", &S::sort},
                 Field{"nextToken", &S::nextToken},
                 Field{"maxResults", &S::maxResults});
BERTH_ECS_FIELDS(api::ListTaskDefinitionsResponse,
                 Always{"taskDefinitionArns", &S::taskDefinitionArns},
                 Field{"nextToken", &S::nextToken});
BERTH_ECS_FIELDS(api::ListTaskDefinitionFamiliesRequest,
                 Field{"familyPrefix", &S::familyPrefix},
                 Field{"status", &S::status},
                 Field{"nextToken", &S::nextToken},
                 Field{"maxResults", &S::maxResults});
BERTH_ECS_FIELDS(api::ListTaskDefinitionFamiliesResponse,
                 Always{"families", &S::families},
                 Field{"nextToken", &S::nextToken});
// clang-format on

}  // namespace berth::ecs
