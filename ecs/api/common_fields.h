// Shapes that several operations share. Field lists of the structs in ecs/api/common.h.
#pragma once

#include "ecs/api/common.h"
#include "ecs/api/names.h"
#include "ecs/fields.h"

namespace berth::ecs {

namespace api {

inline bool IsStringSet(const Resource& resource) { return resource.type == "STRINGSET"; }

}  // namespace api

// clang-format off
BERTH_ECS_FIELDS(api::Failure,
                 Field{"arn", &S::arn},
                 Field{"reason", &S::reason},
                 Field{"detail", &S::detail});
BERTH_ECS_FIELDS(api::Attribute,
                 Required{"name", &S::name},
                 Field{"value", &S::value},
                 Field{"targetType", &S::targetType},
                 Field{"targetId", &S::targetId});
BERTH_ECS_FIELDS(api::Attachment,
                 Always{"id", &S::id},
                 Always{"type", &S::type},
                 Always{"status", &S::status},
                 Always{"details", &S::details});
BERTH_ECS_FIELDS(api::Resource,
                 Always{"name", &S::name},
                 Always{"type", &S::type},
                 Always{"doubleValue", &S::doubleValue},
                 Always{"longValue", &S::longValue},
                 Always{"integerValue", &S::integerValue},
                 AlwaysIf{"stringSetValue", &S::stringSetValue, &api::IsStringSet});
BERTH_ECS_FIELDS(api::VersionInfo,
                 Field{"agentVersion", &S::agentVersion},
                 Field{"agentHash", &S::agentHash},
                 Field{"dockerVersion", &S::dockerVersion});
BERTH_ECS_FIELDS(api::PlatformDevice,
                 Required{"id", &S::id},
                 Required{"type", &S::type});
BERTH_ECS_FIELDS(api::CapacityProviderStrategyItem,
                 Required{"capacityProvider", &S::capacityProvider},
                 Always{"weight", &S::weight},
                 Always{"base", &S::base});
BERTH_ECS_FIELDS(api::Empty);
// clang-format on

}  // namespace berth::ecs
