#include <map>
#include <set>

#include "ecs/rules.h"

namespace berth::ecs {
namespace {

void CheckEfs(const EfsVolumeConfiguration& efs, const Place& at) {
  at.CheckGiven("fileSystemId", efs.fileSystemId);
  if (efs.rootDirectory) at["rootDirectory"].CheckAbsolute(*efs.rootDirectory);
  if (efs.transitEncryptionPort) {
    at["transitEncryptionPort"].CheckRange(*efs.transitEncryptionPort, 1, 65535);
  }
  if (!efs.authorizationConfig) return;
  const bool access_point = efs.authorizationConfig->accessPointId.has_value();
  if (access_point && efs.rootDirectory.value_or("/") != "/") {
    at["rootDirectory"].Complain("must be \"/\" with an access point, not {}",
                                 QuoteJson(*efs.rootDirectory));
  }
  if (efs.transitEncryption == Switch::kEnabled) return;
  if (access_point || efs.authorizationConfig->iam == Switch::kEnabled) {
    at["transitEncryption"].Complain("must be ENABLED for {}",
                                     access_point ? "an access point" : "IAM authorization");
  }
}

void CheckS3Files(const S3FilesVolumeConfiguration& s3, const Place& at) {
  at.CheckGiven("fileSystemArn", s3.fileSystemArn);
  if (s3.rootDirectory) at["rootDirectory"].CheckAbsolute(*s3.rootDirectory);
  if (s3.transitEncryptionPort) {
    at["transitEncryptionPort"].CheckRange(*s3.transitEncryptionPort, 1, 65535);
  }
  if (s3.accessPointArn && s3.rootDirectory.value_or("/") != "/") {
    at["rootDirectory"].Complain("must be \"/\" with an access point, not {}",
                                 QuoteJson(*s3.rootDirectory));
  }
}

void CheckFsx(const FsxWindowsFileServerVolumeConfiguration& fsx, const Place& at) {
  at.CheckGiven("fileSystemId", fsx.fileSystemId);
  at.CheckGiven("rootDirectory", fsx.rootDirectory);
  const Place authorization = at["authorizationConfig"];
  authorization.CheckGiven("credentialsParameter", fsx.authorizationConfig.credentialsParameter);
  authorization.CheckGiven("domain", fsx.authorizationConfig.domain);
}

void CheckVolume(const Volume& volume, const Place& at) {
  if (at.CheckGiven("name", volume.name)) at["name"].CheckName(volume.name);
  const int configurations =
      volume.host.has_value() + volume.dockerVolumeConfiguration.has_value() +
      volume.efsVolumeConfiguration.has_value() + volume.s3filesVolumeConfiguration.has_value() +
      volume.fsxWindowsFileServerVolumeConfiguration.has_value();
  if (configurations > 1) at.Complain("must have one configuration, not {}", configurations);
  const bool from_elsewhere = configurations > 0 && !(volume.host && !volume.host->sourcePath);
  if (volume.configuredAtLaunch && from_elsewhere) {
    at["configuredAtLaunch"].Complain("must not be given together with a configuration");
  }
  if (volume.host && volume.host->sourcePath) {
    at["host"]["sourcePath"].CheckAbsolute(*volume.host->sourcePath);
  }
  if (volume.efsVolumeConfiguration) {
    CheckEfs(*volume.efsVolumeConfiguration, at["efsVolumeConfiguration"]);
  }
  if (volume.s3filesVolumeConfiguration) {
    CheckS3Files(*volume.s3filesVolumeConfiguration, at["s3filesVolumeConfiguration"]);
  }
  if (volume.fsxWindowsFileServerVolumeConfiguration) {
    CheckFsx(*volume.fsxWindowsFileServerVolumeConfiguration,
             at["fsxWindowsFileServerVolumeConfiguration"]);
  }
}

void CheckMountPoints(const std::vector<MountPoint>& mounts,
                      const std::map<std::string_view, size_t>& volumes, const Place& at) {
  std::set<std::string_view> paths;
  for (size_t i = 0; i < mounts.size(); ++i) {
    const MountPoint& mount = mounts[i];
    if (at[i].CheckGiven("sourceVolume", mount.sourceVolume) &&
        !volumes.contains(mount.sourceVolume)) {
      at[i]["sourceVolume"].Complain("no volume is named {}", QuoteJson(mount.sourceVolume));
    }
    if (!at[i].CheckGiven("containerPath", mount.containerPath)) continue;
    at[i]["containerPath"].CheckAbsolute(mount.containerPath);
    if (paths.insert(mount.containerPath).second) continue;
    at[i]["containerPath"].Complain("{} is mounted on twice", QuoteJson(mount.containerPath));
  }
}

}  // namespace

void CheckVolumes(const TaskDefinition& definition, const Place& at) {
  std::map<std::string_view, size_t> first;
  size_t at_launch = 0;
  for (size_t i = 0; i < definition.volumes.size(); ++i) {
    const Volume& volume = definition.volumes[i];
    CheckVolume(volume, at["volumes"][i]);
    if (volume.configuredAtLaunch) ++at_launch;
    const auto [other, is_new] = first.emplace(volume.name, i);
    if (is_new || volume.name.empty()) continue;
    at["volumes"][i]["name"].Complain("is the name of {} as well",
                                      at["volumes"][other->second].path());
  }
  if (at_launch > 1) {
    at["volumes"].Complain("must have at most 1 volume with configuredAtLaunch, not {}", at_launch);
  }
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    CheckMountPoints(definition.containerDefinitions[i].mountPoints, first,
                     at["containerDefinitions"][i]["mountPoints"]);
  }
}

}  // namespace berth::ecs
