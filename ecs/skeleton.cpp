#include "ecs/skeleton.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace berth::ecs {
namespace {

using Name = std::string_view;

// "" is a value like others.
constexpr auto kMayBeEmpty = std::to_array<Name>({"value"});

// [""] means something.
constexpr auto kMayHoldEmpty = std::to_array<Name>({"entryPoint"});

// Maps of the user's own keys and values.
constexpr auto kFreeMaps = std::to_array<Name>({"dockerLabels", "driverOpts", "labels", "options"});

// 0 is out of range.
constexpr auto kNeverZero =
    std::to_array<Name>({"containerPort", "interval", "memory", "memoryReservation",
                         "restartAttemptPeriod", "retries", "sharedMemorySize", "size", "sizeInGiB",
                         "startTimeout", "stopTimeout", "timeout", "transitEncryptionPort"});

// Picked from a list: the skeleton holds one of its values at random.
constexpr auto kChoices = std::to_array<Name>({"appProtocol", "condition", "iam", "permissions",
                                               "protocol", "scope", "transitEncryption", "type"});

// Mean nothing when choices are all that they hold.
constexpr auto kVanishing = std::to_array<Name>({"authorizationConfig",
                                                 "containerOverrides",
                                                 "dependsOn",
                                                 "devices",
                                                 "efsVolumeConfiguration",
                                                 "environment",
                                                 "environmentFiles",
                                                 "ephemeralStorage",
                                                 "extraHosts",
                                                 "fsxWindowsFileServerVolumeConfiguration",
                                                 "healthCheck",
                                                 "inferenceAcceleratorOverrides",
                                                 "inferenceAccelerators",
                                                 "mountPoints",
                                                 "placementConstraints",
                                                 "portMappings",
                                                 "properties",
                                                 "proxyConfiguration",
                                                 "repositoryCredentials",
                                                 "resourceRequirements",
                                                 "s3filesVolumeConfiguration",
                                                 "secretOptions",
                                                 "secrets",
                                                 "systemControls",
                                                 "tags",
                                                 "tmpfs",
                                                 "volumes",
                                                 "volumesFrom"});

template <size_t N>
bool IsIn(const std::array<Name, N>& names, Name name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsEmptyText(const Json& value) {
  return value.is_string() && value.get_ref<const std::string&>().empty();
}

bool IsZero(const Json& value) { return value.is_number_integer() && value == 0; }

// True if nothing below `value` was filled in: nothing but "", 0 and choices.
bool HoldsNothing(const Json& value) {
  if (value.is_array()) return std::all_of(value.begin(), value.end(), HoldsNothing);
  if (!value.is_object()) {
    return value.is_null() || value.is_boolean() || IsEmptyText(value) || IsZero(value);
  }
  for (auto field = value.begin(); field != value.end(); ++field) {
    if (!IsIn(kChoices, field.key()) && !HoldsNothing(field.value())) return false;
  }
  return true;
}

bool HoldsBlank(const Json& value) {
  if (value.is_structured()) return std::any_of(value.begin(), value.end(), HoldsBlank);
  return IsEmptyText(value) || IsZero(value);
}

bool IsBlankMap(const Json& value) {
  if (!value.is_object() || value.size() != 1) return false;
  return value.begin().key() == "KeyName" && IsEmptyText(value.begin().value());
}

bool IsBlank(Name name, const Json& value) {
  if (IsIn(kFreeMaps, name)) return IsBlankMap(value);
  if (value.is_string()) return IsEmptyText(value) && !IsIn(kMayBeEmpty, name);
  if (value.is_number()) return IsZero(value) && IsIn(kNeverZero, name);
  if (value.is_array() && value.size() != 1) return false;
  if (value.is_array() && IsEmptyText(value.front())) return !IsIn(kMayHoldEmpty, name);
  return IsIn(kVanishing, name) && HoldsBlank(value) && HoldsNothing(value);
}

}  // namespace

Json WithoutBlanks(const Json& document) {
  if (document.is_array()) {
    Json list = Json::array();
    for (const Json& item : document) list.push_back(WithoutBlanks(item));
    return list;
  }
  if (!document.is_object()) return document;
  Json object = Json::object();
  for (auto field = document.begin(); field != document.end(); ++field) {
    if (IsBlank(field.key(), field.value())) continue;
    const bool free = IsIn(kFreeMaps, field.key());
    // The parser has refused duplicate keys: no need to look for one.
    object.get_ref<Json::object_t&>().emplace_back(
        field.key(), free ? field.value() : WithoutBlanks(field.value()));
  }
  return object;
}

}  // namespace berth::ecs
