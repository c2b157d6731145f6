// volumes of a task definition: where the data that containers mount comes from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace berth::ecs {

struct HostVolumeProperties {
  /// Absent: an empty directory that lives as long as the task.
  std::optional<std::string> sourcePath;

  bool operator==(const HostVolumeProperties&) const = default;
};

enum class VolumeScope { kTask, kShared };

struct DockerVolumeConfiguration {
  /// kTask: made and removed with the task; kShared: stays, and is found by name.
  VolumeScope scope = VolumeScope::kTask;
  /// Create a shared volume that is not there yet.
  bool autoprovision = false;
  /// Absent: "local".
  std::optional<std::string> driver;
  std::map<std::string, std::string> driverOpts;
  std::map<std::string, std::string> labels;

  bool operator==(const DockerVolumeConfiguration&) const = default;
};

enum class Switch { kDisabled, kEnabled };

struct EfsAuthorizationConfig {
  std::optional<std::string> accessPointId;
  Switch iam = Switch::kDisabled;

  bool operator==(const EfsAuthorizationConfig&) const = default;
};

struct EfsVolumeConfiguration {
  std::string fileSystemId;
  /// Absent: "/".
  std::optional<std::string> rootDirectory;
  Switch transitEncryption = Switch::kDisabled;
  std::optional<int64_t> transitEncryptionPort;
  std::optional<EfsAuthorizationConfig> authorizationConfig;

  bool operator==(const EfsVolumeConfiguration&) const = default;
};

struct S3FilesVolumeConfiguration {
  std::string fileSystemArn;
  /// Absent: "/".
  std::optional<std::string> rootDirectory;
  std::optional<int64_t> transitEncryptionPort;
  std::optional<std::string> accessPointArn;

  bool operator==(const S3FilesVolumeConfiguration&) const = default;
};

struct FsxWindowsFileServerAuthorizationConfig {
  std::string credentialsParameter;
  std::string domain;

  bool operator==(const FsxWindowsFileServerAuthorizationConfig&) const = default;
};

struct FsxWindowsFileServerVolumeConfiguration {
  std::string fileSystemId;
  std::string rootDirectory;
  FsxWindowsFileServerAuthorizationConfig authorizationConfig;

  bool operator==(const FsxWindowsFileServerVolumeConfiguration&) const = default;
};

/// At most one of the configurations is there; none is the same as an empty `host`.
struct Volume {
  std::string name;
  std::optional<HostVolumeProperties> host;
  std::optional<DockerVolumeConfiguration> dockerVolumeConfiguration;
  std::optional<EfsVolumeConfiguration> efsVolumeConfiguration;
  std::optional<S3FilesVolumeConfiguration> s3filesVolumeConfiguration;
  std::optional<FsxWindowsFileServerVolumeConfiguration> fsxWindowsFileServerVolumeConfiguration;
  /// The volume is described when the task is run (EBS).
  bool configuredAtLaunch = false;

  bool operator==(const Volume&) const = default;
};

}  // namespace berth::ecs
