#include "runtime/mounts/mount_options.h"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <string_view>

// Newer than the C library's headers (Linux 5.14).
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

namespace berth::runtime {
namespace {

enum class Effect {
  kIgnore,
  kTakeBack,
  kSet,
  kClear,
  kRecursiveSet,
  kRecursiveClear,
  kPropagate,
  kPropagateAll
};

struct Option {
  std::string_view name;
  Effect effect;
  uint64_t bits;
};

constexpr std::array<Option, 55> kOptions = {{
    {"ro", Effect::kSet, MOUNT_ATTR_RDONLY},
    {"rw", Effect::kClear, MOUNT_ATTR_RDONLY},
    {"nosuid", Effect::kSet, MOUNT_ATTR_NOSUID},
    {"suid", Effect::kClear, MOUNT_ATTR_NOSUID},
    {"nodev", Effect::kSet, MOUNT_ATTR_NODEV},
    {"dev", Effect::kClear, MOUNT_ATTR_NODEV},
    {"noexec", Effect::kSet, MOUNT_ATTR_NOEXEC},
    {"exec", Effect::kClear, MOUNT_ATTR_NOEXEC},
    {"nodiratime", Effect::kSet, MOUNT_ATTR_NODIRATIME},
    {"diratime", Effect::kClear, MOUNT_ATTR_NODIRATIME},
    {"nosymfollow", Effect::kSet, MOUNT_ATTR_NOSYMFOLLOW},
    {"symfollow", Effect::kClear, MOUNT_ATTR_NOSYMFOLLOW},
    {"noatime", Effect::kSet, MOUNT_ATTR_NOATIME},
    {"atime", Effect::kClear, MOUNT_ATTR_NOATIME},
    {"strictatime", Effect::kSet, MOUNT_ATTR_STRICTATIME},
    {"nostrictatime", Effect::kClear, MOUNT_ATTR_STRICTATIME},
    {"relatime", Effect::kSet, MOUNT_ATTR_RELATIME},
    {"norelatime", Effect::kSet, MOUNT_ATTR_STRICTATIME},
    {"rro", Effect::kRecursiveSet, MOUNT_ATTR_RDONLY},
    {"rrw", Effect::kRecursiveClear, MOUNT_ATTR_RDONLY},
    {"rnosuid", Effect::kRecursiveSet, MOUNT_ATTR_NOSUID},
    {"rsuid", Effect::kRecursiveClear, MOUNT_ATTR_NOSUID},
    {"rnodev", Effect::kRecursiveSet, MOUNT_ATTR_NODEV},
    {"rdev", Effect::kRecursiveClear, MOUNT_ATTR_NODEV},
    {"rnoexec", Effect::kRecursiveSet, MOUNT_ATTR_NOEXEC},
    {"rexec", Effect::kRecursiveClear, MOUNT_ATTR_NOEXEC},
    {"rnodiratime", Effect::kRecursiveSet, MOUNT_ATTR_NODIRATIME},
    {"rdiratime", Effect::kRecursiveClear, MOUNT_ATTR_NODIRATIME},
    {"rnosymfollow", Effect::kRecursiveSet, MOUNT_ATTR_NOSYMFOLLOW},
    {"rsymfollow", Effect::kRecursiveClear, MOUNT_ATTR_NOSYMFOLLOW},
    {"rnoatime", Effect::kRecursiveSet, MOUNT_ATTR_NOATIME},
    {"ratime", Effect::kRecursiveSet, MOUNT_ATTR_RELATIME},
    {"rstrictatime", Effect::kRecursiveSet, MOUNT_ATTR_STRICTATIME},
    {"rnostrictatime", Effect::kRecursiveSet, MOUNT_ATTR_RELATIME},
    {"rrelatime", Effect::kRecursiveSet, MOUNT_ATTR_RELATIME},
    {"rnorelatime", Effect::kRecursiveSet, MOUNT_ATTR_STRICTATIME},
    {"private", Effect::kPropagate, MS_PRIVATE},
    {"slave", Effect::kPropagate, MS_SLAVE},
    {"shared", Effect::kPropagate, MS_SHARED},
    {"unbindable", Effect::kPropagate, MS_UNBINDABLE},
    {"rprivate", Effect::kPropagateAll, MS_PRIVATE},
    {"rslave", Effect::kPropagateAll, MS_SLAVE},
    {"rshared", Effect::kPropagateAll, MS_SHARED},
    {"runbindable", Effect::kPropagateAll, MS_UNBINDABLE},
    {"async", Effect::kTakeBack, 0},
    {"auto", Effect::kIgnore, 0},
    {"defaults", Effect::kIgnore, 0},
    {"noauto", Effect::kIgnore, 0},
    {"nofail", Effect::kIgnore, 0},
    {"loud", Effect::kIgnore, 0},
    {"noiversion", Effect::kIgnore, 0},
    {"nolazytime", Effect::kTakeBack, 0},
    {"nomand", Effect::kTakeBack, 0},
    {"silent", Effect::kIgnore, 0},
    {"iversion", Effect::kIgnore, 0},
}};

const Option* FindOption(std::string_view name) {
  for (const Option& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

// The access time setting is one number in several bits: a new one replaces the old one whole.
constexpr uint64_t kAtime = MOUNT_ATTR__ATIME;
bool IsAtime(const Option& option) {
  return option.name.find("atime") != std::string_view::npos &&
         option.name.find("diratime") == std::string_view::npos;
}

void ForgetAtime(MountOptions& out) {
  out.set &= ~kAtime;
  out.clear &= ~kAtime;
}

// Nothing is below a new mount.
Effect EffectOn(const Option& option, bool is_new) {
  if (is_new && option.effect == Effect::kRecursiveSet) return Effect::kSet;
  if (is_new && option.effect == Effect::kRecursiveClear) return Effect::kClear;
  return option.effect;
}

void Apply(const Option& option, Effect effect, MountOptions& out) {
  switch (effect) {
    case Effect::kIgnore:
      break;
    case Effect::kTakeBack: {  // "async" sync, "nolazytime" lazytime
      const std::string_view flag =
          option.name == "async" ? std::string_view("sync") : option.name.substr(2);
      std::erase(out.flags, flag);
      break;
    }
    case Effect::kSet:
      if (IsAtime(option)) {
        ForgetAtime(out);
        out.clear |= kAtime;
      }
      out.set |= option.bits;
      break;
    case Effect::kClear:
      if (!IsAtime(option)) {
        out.set &= ~option.bits;
      } else if ((out.set & kAtime) == option.bits) {
        ForgetAtime(out);
      }
      break;
    case Effect::kRecursiveSet:
      if (IsAtime(option)) {
        ForgetAtime(out);
        out.recursive_set &= ~kAtime;
        out.recursive_clear |= kAtime;
      }
      out.recursive_set |= option.bits;
      if (!IsAtime(option)) out.recursive_clear &= ~option.bits;
      break;
    case Effect::kRecursiveClear:
      out.set &= ~option.bits;
      out.recursive_set &= ~option.bits;
      out.recursive_clear |= option.bits;
      break;
    case Effect::kPropagate:
    case Effect::kPropagateAll:
      out.propagation = option.bits;
      out.recursive_propagation = option.effect == Effect::kPropagateAll;
      break;
  }
}

// What is no attribute: whether `name` is such an option.
Result<bool> ApplyWord(const std::string& name, const Mount& mount, MountOptions& out) {
  if (name == "bind" || name == "rbind") {
    out.bind = true;
    out.recursive = name == "rbind";
  } else if (name == "idmap" || name == "ridmap") {
    out.idmap = name == "idmap" ? Idmap::kThis : Idmap::kRecursive;
  } else if (name == "remount") {
    out.remount = true;
  } else if (name == "src-nofollow") {
    out.source_link = true;
  } else if (name == "dest-nofollow") {
    out.destination_link = true;
  } else if (name == "copy-symlink") {
    out.copy_link = true;
  } else if (name == "tmpcopyup") {
    if (mount.type != "tmpfs") return MakeError("option \"tmpcopyup\" is for a tmpfs");
    out.copy_up = true;
  } else {
    return name == "newinstance";  // of devpts: always so since Linux 4.7
  }
  return true;
}

Result<void> CheckLinkOptions(const MountOptions& options) {
  if (options.bind || !(options.source_link || options.copy_link)) return {};
  return MakeError("option \"{}\" is for a bind mount",
                   options.source_link ? "src-nofollow" : "copy-symlink");
}

bool IsNew(const Mount& mount) {
  const auto& names = mount.options;
  return mount.type != "bind" && std::none_of(names.begin(), names.end(), [](const auto& name) {
           return name == "bind" || name == "rbind" || name == "remount";
         });
}

}  // namespace

uint64_t MountOptions::Attributes() const { return (recursive_set & ~clear) | set; }

Result<MountOptions> ParseMountOptions(const Mount& mount) {
  MountOptions out;
  out.bind = mount.type == "bind";
  const bool is_new = IsNew(mount);
  for (const std::string& name : mount.options) {
    if (TRY(ApplyWord(name, mount, out))) continue;
    if (const Option* option = FindOption(name)) {
      Apply(*option, EffectOn(*option, is_new), out);
    } else if (const size_t equals = name.find('='); equals != std::string::npos) {
      out.data.emplace_back(name.substr(0, equals), name.substr(equals + 1));
    } else if (!name.empty()) {
      out.flags.push_back(name);
    }
  }
  TRY(CheckLinkOptions(out));
  if (!mount.uidMappings.empty() && out.idmap == Idmap::kNone) out.idmap = Idmap::kThis;
  if (!out.bind && out.idmap != Idmap::kNone) {
    return MakeError("ids can be mapped for bind mounts alone, not on {}", mount.destination);
  }
  if (out.remount) {
    if (out.data.empty() && out.flags.empty()) return out;
    return MakeError("remount changes what a mount allows, not the options of its file system");
  }
  if (!out.bind) {
    if (mount.type.empty()) return MakeError("{} has no type", mount.destination);
    return out;
  }
  if (mount.source.empty()) return MakeError("bind mount on {} has no source", mount.destination);
  if (!out.data.empty() || !out.flags.empty()) {
    const std::string& name = out.flags.empty() ? out.data[0].first : out.flags[0];
    return MakeError("option \"{}\" means nothing to a bind mount", name);
  }
  return out;
}

std::vector<std::string> MountOptionNames() {
  std::vector<std::string> names = {
      "bind",          "rbind",        "idmap", "ridmap",  "remount",  "tmpcopyup", "src-nofollow",
      "dest-nofollow", "copy-symlink", "sync",  "dirsync", "lazytime", "mand"};
  for (const Option& option : kOptions) names.emplace_back(option.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace berth::runtime
