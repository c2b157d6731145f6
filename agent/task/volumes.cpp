#include "agent/task/volumes.h"

#include <algorithm>
#include <map>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent {
namespace {

// The directory behind a volume of the task.
struct Backing {
  std::string path;
  bool fresh_from_image = false;  // Docker's volumes start with what the image has there
};

Result<Backing> MakeBacking(const ecs::Volume& volume, const std::string& task_id,
                            const Paths& paths) {
  Backing backing;
  if (volume.host && volume.host->sourcePath) {
    backing.path = *volume.host->sourcePath;
    TRY(sys::MakeDirectories(backing.path, 0755));
    return backing;
  }
  backing.fresh_from_image = true;
  const bool shared = volume.dockerVolumeConfiguration &&
                      volume.dockerVolumeConfiguration->scope == ecs::VolumeScope::kShared;
  if (!shared) {
    backing.path = paths.TaskVolumes(task_id) + "/" + volume.name;
  } else {
    backing.path = paths.Volumes() + "/" + volume.name;
    if (!volume.dockerVolumeConfiguration->autoprovision && !Exists(backing.path)) {
      return MakeError("there is no shared volume {}; set autoprovision to have it made",
                       volume.name);
    }
  }
  TRY(sys::MakeDirectories(backing.path, 0755));
  return backing;
}

runtime::Mount BindMount(const std::string& source, const std::string& destination,
                         bool read_only) {
  return {.destination = destination,
          .type = "bind",
          .source = source,
          .options = {"rbind", "rprivate", read_only ? "ro" : "rw"}};
}

void AddMount(ContainerVolumes& volumes, const Backing& backing, const std::string& path,
              bool read_only) {
  volumes.mounts.push_back(BindMount(backing.path, path, read_only));
  if (backing.fresh_from_image) {
    volumes.seeds.push_back({.volume = backing.path, .path = path});
  }
}

bool Mounts(const ContainerVolumes& volumes, const std::string& path) {
  return std::any_of(volumes.mounts.begin(), volumes.mounts.end(),
                     [&](const runtime::Mount& mount) { return mount.destination == path; });
}

// A VOLUME of the image's Dockerfile that the definition mounts nothing on.
Result<void> AddImageVolumes(ContainerVolumes& volumes, const ecs::ContainerDefinition& container,
                             const images::Image& image, const std::string& dir) {
  for (size_t i = 0; i < image.config.volumes.size(); ++i) {
    const std::string& path = image.config.volumes[i];
    if (Mounts(volumes, path)) continue;
    // Volume names of a task definition can't hold a dot: no clash.
    const Backing backing = {.path = fmt::format("{}/{}.{}", dir, container.name, i),
                             .fresh_from_image = true};
    TRY(sys::MakeDirectories(backing.path, 0755));
    AddMount(volumes, backing, path, false);
  }
  return {};
}

}  // namespace

Result<std::vector<ContainerVolumes>> MakeVolumes(const std::string& task_id,
                                                  const ecs::TaskDefinition& definition,
                                                  const std::vector<images::Image>& images,
                                                  const Paths& paths) {
  std::map<std::string, Backing> backings;
  for (const ecs::Volume& volume : definition.volumes) {
    backings[volume.name] =
        TRY(MakeBacking(volume, task_id, paths).Context("volume {}", volume.name));
  }
  const auto& containers = definition.containerDefinitions;
  std::vector<ContainerVolumes> all(containers.size());
  std::map<std::string, size_t> index;
  for (size_t i = 0; i < containers.size(); ++i) {
    index[containers[i].name] = i;
    for (const ecs::MountPoint& point : containers[i].mountPoints) {
      AddMount(all[i], backings.at(point.sourceVolume), point.containerPath, point.readOnly);
    }
    TRY(AddImageVolumes(all[i], containers[i], images[i], paths.TaskVolumes(task_id)));
  }
  // Only what a container mounts itself is handed on, as with Docker's --volumes-from: no chains,
  // so the order does not matter.
  const std::vector<ContainerVolumes> own = all;
  for (size_t i = 0; i < containers.size(); ++i) {
    for (const ecs::VolumeFrom& from : containers[i].volumesFrom) {
      for (runtime::Mount mount : own[index.at(from.sourceContainer)].mounts) {
        if (Mounts(all[i], mount.destination)) continue;
        if (from.readOnly) mount.options.back() = "ro";
        all[i].mounts.push_back(std::move(mount));
      }
    }
  }
  return all;
}

}  // namespace berth::agent
