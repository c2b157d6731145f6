// Options of a mount: "type, then options", by commas. What is accepted has an effect that is
// known: it asks the kernel for nothing that mount_setattr(2) refuses, a bind mount takes no word
// that has no meaning, every other word goes to the file system as it is, and to say it all twice
// changes nothing.
#include <sys/mount.h>

#include <set>

#include "base/text.h"
#include "runtime/mounts/mount_options.h"
#include "tests/fuzz/target.h"

namespace {

using namespace berth;           // NOLINT
using namespace berth::runtime;  // NOLINT

constexpr uint64_t kAtime = MOUNT_ATTR__ATIME;

bool IsAtimeSetting(uint64_t bits) {
  return bits == MOUNT_ATTR_RELATIME || bits == MOUNT_ATTR_NOATIME ||
         bits == MOUNT_ATTR_STRICTATIME;
}

// The rule of the kernel's for one call (mount_setattr(2), EINVAL).
bool KernelTakes(uint64_t set, uint64_t clear) {
  if (clear & kAtime) return (clear & kAtime) == kAtime && IsAtimeSetting(set & kAtime);
  return (set & kAtime) == 0;
}

const std::set<std::string>& Known() {
  static const std::set<std::string> names = [] {
    const auto all = MountOptionNames();
    return std::set(all.begin(), all.end());
  }();
  return names;
}

void CheckAttributes(const MountOptions& options, const std::string& detail) {
  Expect(KernelTakes(options.set, options.clear), "this mount", detail);
  Expect(KernelTakes(options.recursive_set, options.recursive_clear), "those below", detail);
  Expect((options.clear & ~kAtime) == 0, "lifts what the host has set", detail);
  Expect((options.recursive_set & options.recursive_clear & ~kAtime) == 0, "set and cleared",
         detail);
  Expect(IsAtimeSetting(options.Attributes() & kAtime), "two settings in the end", detail);
  const uint64_t propagation = options.propagation;
  Expect((propagation & (propagation - 1)) == 0, "two kinds of propagation", detail);
}

// Words that are the file system's are all there, in order.
void CheckPassedOn(const Mount& mount, const MountOptions& options, const std::string& detail) {
  std::vector<std::string> data;
  std::multiset<std::string> flags(options.flags.begin(), options.flags.end());
  for (const std::string& name : mount.options) {
    if (Known().contains(name)) continue;
    const size_t equals = name.find('=');
    if (equals != std::string::npos) data.push_back(name);
    if (equals == std::string::npos && !name.empty() && name != "newinstance") {
      Expect(flags.contains(name), "swallowed", detail);
    }
  }
  Expect(data.size() == options.data.size(), "options with values", detail);
  for (size_t i = 0; i < data.size(); ++i) {
    Expect(options.data[i].first + "=" + options.data[i].second == data[i], "changed", detail);
  }
  if (options.bind || options.remount) Expect(data.empty() && flags.empty(), "in vain", detail);
}

void CheckTwice(Mount mount, const MountOptions& once, const std::string& detail) {
  const auto names = mount.options;
  mount.options.insert(mount.options.end(), names.begin(), names.end());
  const auto twice = ParseMountOptions(mount);
  Expect(twice.has_value(), "refused the second time", detail);
  Expect(twice->Attributes() == once.Attributes() && twice->propagation == once.propagation &&
             twice->recursive_set == once.recursive_set && twice->bind == once.bind &&
             twice->recursive_clear == once.recursive_clear,
         "another effect the second time", detail);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(Text(data, size));
  Mount mount = {.destination = "/x", .source = "/y", .options = Split(text, ',')};
  mount.type = mount.options[0];
  mount.options.erase(mount.options.begin());
  const auto options = ParseMountOptions(mount);
  if (!options) {
    Expect(!options.error().message().empty(), "refused without a word", text);
    return 0;
  }
  CheckAttributes(*options, text);
  CheckPassedOn(mount, *options, text);
  CheckTwice(mount, *options, text);
  return 0;
}
