#include "agent/task/oci_spec.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "ecs/names.h"
#include "runtime/process/capabilities.h"
#include "runtime/seccomp/default_seccomp.h"
#include "runtime/spec/default_spec.h"

namespace berth::agent {
namespace {

constexpr std::string_view kInitPath = "/dev/berth-init";

void SetEnvironment(std::vector<std::string>& env, const std::string& name,
                    const std::string& value) {
  const std::string prefix = name + "=";
  for (std::string& entry : env) {
    if (entry.starts_with(prefix)) {
      entry = prefix + value;
      return;
    }
  }
  env.push_back(prefix + value);
}

std::vector<std::string> Environment(const SpecInputs& inputs) {
  std::vector<std::string> env = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  SetEnvironment(env, "HOSTNAME", inputs.hostname);
  if (inputs.container->pseudoTerminal) SetEnvironment(env, "TERM", "xterm");
  for (const std::string& entry : inputs.image->config.env) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos) continue;
    SetEnvironment(env, entry.substr(0, equals), entry.substr(equals + 1));
  }
  for (const ecs::KeyValuePair& pair : inputs.container->environment) {
    SetEnvironment(env, pair.name, pair.value);
  }
  return env;
}

// The default set, or all there are, then `add`, then `drop`: Docker's order.
std::vector<std::string> CapabilitySet(const ecs::ContainerDefinition& container,
                                       std::vector<std::string> names) {
  const auto all = [] {
    return runtime::CapabilityNames(runtime::PermittedCapabilities().ValueOr(0));
  };
  if (container.privileged) return all();
  if (!container.linuxParameters || !container.linuxParameters->capabilities) return names;
  const ecs::KernelCapabilities& wanted = *container.linuxParameters->capabilities;
  const auto remove = [&](const std::string& name) {
    names.erase(std::remove(names.begin(), names.end(), name), names.end());
  };
  for (const std::string& name : wanted.add) {
    if (name == "ALL") names = all();
  }
  for (const std::string& name : wanted.drop) {
    if (name == "ALL") names.clear();
  }
  for (const std::string& name : wanted.add) {
    if (name == "ALL") continue;
    remove("CAP_" + name);
    names.push_back("CAP_" + name);
  }
  for (const std::string& name : wanted.drop) remove("CAP_" + name);
  return names;
}

std::vector<runtime::Rlimit> Rlimits(const std::vector<ecs::Ulimit>& ulimits) {
  std::vector<runtime::Rlimit> rlimits;
  for (const ecs::Ulimit& ulimit : ulimits) {
    std::string name(ecs::NameOf(ulimit.name));
    std::transform(name.begin(), name.end(), name.begin(), ::toupper);
    rlimits.push_back({.type = "RLIMIT_" + name,
                       .soft = static_cast<uint64_t>(ulimit.softLimit),
                       .hard = static_cast<uint64_t>(ulimit.hardLimit)});
  }
  return rlimits;
}

bool HasSecurityOption(const ecs::ContainerDefinition& container, std::string_view start) {
  const auto& options = container.dockerSecurityOptions;
  return std::any_of(options.begin(), options.end(),
                     [&](const std::string& option) { return option.starts_with(start); });
}

Result<runtime::Device> HostDevice(const std::string& host_path, const std::string& path) {
  struct stat info;
  if (::stat(host_path.c_str(), &info) < 0) return ErrnoError("device {}", host_path);
  if (!S_ISCHR(info.st_mode) && !S_ISBLK(info.st_mode)) {
    return MakeError("device {}: it is neither a character nor a block device", host_path);
  }
  return runtime::Device{.type = S_ISCHR(info.st_mode) ? "c" : "b",
                         .path = path,
                         .major = major(info.st_rdev),
                         .minor = minor(info.st_rdev),
                         .fileMode = info.st_mode & 0777,
                         .uid = info.st_uid,
                         .gid = info.st_gid};
}

// All of the host's devices that stand directly in /dev and are not the runtime's own.
Result<void> AddAllDevices(runtime::Spec& spec) {
  for (const std::string& name : TRY(ListDirectory("/dev"))) {
    constexpr std::string_view kOwn[] = {"null",    "zero", "full", "random",
                                         "urandom", "tty",  "ptmx", "console"};
    if (std::find(std::begin(kOwn), std::end(kOwn), name) != std::end(kOwn)) continue;
    const std::string path = "/dev/" + name;
    struct stat info;
    // Links (stdin, fd, ...) are the runtime's own as well, or lead to what is listed anyway.
    if (::lstat(path.c_str(), &info) < 0 || S_ISLNK(info.st_mode)) continue;
    if (auto device = HostDevice(path, path)) spec.linux_.devices.push_back(*device);
  }
  return {};
}

Result<void> AddDevices(const SpecInputs& inputs, runtime::Spec& spec) {
  if (inputs.container->privileged) return AddAllDevices(spec);
  if (!inputs.container->linuxParameters) return {};
  const auto& devices = inputs.container->linuxParameters->devices;
  for (size_t i = 0; i < devices.size(); ++i) {
    const std::string& path = devices[i].containerPath.value_or(devices[i].hostPath);
    spec.linux_.devices.push_back(
        TRY(HostDevice(devices[i].hostPath, path).Context("linuxParameters.devices[{}]", i)));
  }
  return {};
}

void AddNamespaces(const SpecInputs& inputs, runtime::Spec& spec) {
  auto& namespaces = spec.linux_.namespaces;
  const auto remove = [&](std::string_view type) {
    namespaces.erase(std::remove_if(namespaces.begin(), namespaces.end(),
                                    [&](const auto& entry) { return entry.type == type; }),
                     namespaces.end());
  };
  remove("network");
  if (!inputs.network_namespace.empty()) {
    namespaces.push_back({.type = "network", .path = inputs.network_namespace});
  }
  if (inputs.task->pidMode == ecs::PidMode::kHost) remove("pid");
  if (inputs.task->ipcMode == ecs::IpcMode::kHost) remove("ipc");
}

void AddMounts(const SpecInputs& inputs, runtime::Spec& spec) {
  const ecs::ContainerDefinition& container = *inputs.container;
  for (runtime::Mount& mount : spec.mounts) {
    if (mount.destination == "/dev/shm" && container.linuxParameters &&
        container.linuxParameters->sharedMemorySize) {
      std::erase_if(mount.options, [](const auto& option) { return option.starts_with("size="); });
      mount.options.push_back(
          fmt::format("size={}m", *container.linuxParameters->sharedMemorySize));
    }
    const bool sys = mount.destination == "/sys" || mount.destination == "/sys/fs/cgroup";
    if (container.privileged && sys) std::erase(mount.options, "ro");
  }
  if (inputs.task->ipcMode == ecs::IpcMode::kHost) {
    // A new mqueue shows the queues of the namespace that it is mounted in: those of the host.
    for (runtime::Mount& mount : spec.mounts) {
      if (mount.destination != "/dev/shm") continue;
      mount.type = "bind";
      mount.source = mount.destination;
      mount.options = {"rbind", "rw"};
    }
  }
  for (const char* name : {"resolv.conf", "hosts", "hostname"}) {
    spec.mounts.push_back({.destination = fmt::format("/etc/{}", name),
                           .type = "bind",
                           .source = fmt::format("{}/{}", inputs.bundle, name),
                           .options = {"rbind", "rprivate", "rw"}});
  }
  if (container.linuxParameters) {
    for (const ecs::Tmpfs& tmpfs : container.linuxParameters->tmpfs) {
      runtime::Mount mount = {.destination = tmpfs.containerPath,
                              .type = "tmpfs",
                              .source = "tmpfs",
                              .options = {"noexec", "nosuid", "nodev"}};
      mount.options.insert(mount.options.end(), tmpfs.mountOptions.begin(),
                           tmpfs.mountOptions.end());
      mount.options.push_back(fmt::format("size={}m", tmpfs.size));
      spec.mounts.push_back(std::move(mount));
    }
  }
  spec.mounts.insert(spec.mounts.end(), inputs.volumes.begin(), inputs.volumes.end());
  if (container.linuxParameters && container.linuxParameters->initProcessEnabled) {
    spec.mounts.push_back({.destination = std::string(kInitPath),
                           .type = "bind",
                           .source = inputs.init_program,
                           .options = {"bind", "ro", "nosuid", "nodev"}});
  }
}

void SetSecurity(const SpecInputs& inputs, runtime::Spec& spec) {
  const ecs::ContainerDefinition& container = *inputs.container;
  runtime::Capabilities& sets = spec.process.capabilities;
  std::vector<std::string> names = CapabilitySet(container, sets.bounding);
  if (inputs.devices == SpecInputs::Devices::kUnfiltered && !container.privileged) {
    // Without a device filter whoever can make device nodes owns the host's disks.
    std::erase(names, "CAP_MKNOD");
  }
  sets.bounding = names;
  sets.permitted = names;
  sets.effective = names;
  spec.process.noNewPrivileges = HasSecurityOption(container, "no-new-privileges");
  if (container.privileged) {
    spec.linux_.maskedPaths.clear();
    spec.linux_.readonlyPaths.clear();
  } else if (!HasSecurityOption(container, "seccomp")) {
    spec.linux_.seccomp = runtime::DefaultSeccomp(names);
  }
}

}  // namespace

Result<std::vector<std::string>> ContainerArgs(const ecs::ContainerDefinition& container,
                                               const images::ImageConfig& image) {
  std::vector<std::string> args;
  // An entry point of one's own puts the image's command aside, too: it was meant for the other.
  const bool own_entry_point = !container.entryPoint.empty();
  if (!own_entry_point) {
    args = image.entrypoint;
  } else if (container.entryPoint != std::vector<std::string>{""}) {
    args = container.entryPoint;
  }
  if (!container.command.empty()) {
    args.insert(args.end(), container.command.begin(), container.command.end());
  } else if (!own_entry_point) {
    args.insert(args.end(), image.cmd.begin(), image.cmd.end());
  }
  if (args.empty()) {
    return MakeError(
        "nothing to execute: neither the definition nor the image has an entryPoint "
        "or a command");
  }
  return args;
}

Result<runtime::Spec> BuildSpec(const SpecInputs& inputs) {
  const ecs::ContainerDefinition& container = *inputs.container;
  const images::ImageConfig& image = inputs.image->config;
  runtime::Spec spec = runtime::DefaultSpec();
  spec.process.args = TRY(ContainerArgs(container, image));
  if (container.linuxParameters && container.linuxParameters->initProcessEnabled) {
    spec.process.args.insert(spec.process.args.begin(), {std::string(kInitPath), "--"});
  }
  spec.process.env = Environment(inputs);
  spec.process.terminal = container.pseudoTerminal;
  spec.process.cwd = container.workingDirectory.value_or(image.workingDir);
  if (spec.process.cwd.empty()) spec.process.cwd = "/";
  spec.process.rlimits = Rlimits(container.ulimits);
  spec.root.readonly = container.readonlyRootFilesystem;
  spec.hostname = inputs.hostname;
  spec.annotations = container.dockerLabels;
  for (const ecs::SystemControl& control : container.systemControls) {
    spec.linux_.sysctl[control.namespace_] = control.value;
  }
  AddNamespaces(inputs, spec);
  AddMounts(inputs, spec);
  TRY(AddDevices(inputs, spec));
  SetSecurity(inputs, spec);
  return spec;
}

}  // namespace berth::agent
