#include "runtime/cli/checkpoint_options.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "base/text.h"

namespace berth::runtime::cli {
namespace {

constexpr std::pair<const char*, CriuCgroupMode> kCgroupModes[] = {
    {"soft", CriuCgroupMode::kSoft},
    {"full", CriuCgroupMode::kFull},
    {"strict", CriuCgroupMode::kStrict},
    {"ignore", CriuCgroupMode::kIgnore}};

constexpr std::pair<const char*, CriuNetworkLock> kNetworkLocks[] = {
    {"iptables", CriuNetworkLock::kIptables},
    {"nftables", CriuNetworkLock::kNftables},
    {"skip", CriuNetworkLock::kSkip}};

// The one that the option names, or nothing if it was not given.
template <typename Choice, size_t count>
Result<std::optional<Choice>> ReadChoice(const Arguments& arguments, const char* option,
                                         const std::pair<const char*, Choice> (&choices)[count]) {
  if (!arguments.Has(option)) return std::optional<Choice>();
  const std::string given = arguments.Value(option);
  std::vector<std::string> names;
  for (const auto& [name, choice] : choices) {
    if (given == name) return std::optional(choice);
    names.emplace_back(name);
  }
  return MakeError("--{} {}: must be one of {}", option, given, Join(names, ", "));
}

// "ADDRESS:PORT", and "[ADDRESS]:PORT" where the address has colons.
Result<CriuPageServer> ParsePageServer(const std::string& text) {
  const size_t colon = text.rfind(':');
  const auto wrong = [&] { return MakeError("--page-server {}: must be ADDRESS:PORT", text); };
  if (colon == std::string::npos) return wrong();
  std::string address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  const auto port = ParseInteger<uint16_t>(text.substr(colon + 1));
  if (address.empty() || !port || *port == 0) return wrong();
  return CriuPageServer{.address = std::move(address), .port = *port};
}

// The network is the one that may be given: it is how CRIU is always told to treat it.
Result<void> CheckEmptyNamespaces(const Arguments& arguments) {
  for (const std::string& type : arguments.Values("empty-ns")) {
    if (type != "network") {
      return MakeError("--empty-ns {}: only a network namespace can be left empty", type);
    }
  }
  return {};
}

}  // namespace

ImagePaths ReadImagePaths(const Arguments& arguments) {
  return {.images = arguments.Value("image-path", "checkpoint"),
          .work = arguments.Value("work-path")};
}

Result<CriuOptions> ReadCriuOptions(const Arguments& arguments) {
  TRY(CheckEmptyNamespaces(arguments));
  CriuOptions options;
  options.leave_running = arguments.Has("leave-running");
  options.ext_unix_sk = arguments.Has("ext-unix-sk");
  options.tcp_established = arguments.Has("tcp-established");
  options.tcp_skip_in_flight = arguments.Has("tcp-skip-in-flight");
  options.tcp_close = arguments.Has("tcp-close");
  options.shell_job = arguments.Has("shell-job");
  options.file_locks = arguments.Has("file-locks");
  options.link_remap = arguments.Has("link-remap");
  options.auto_dedup = arguments.Has("auto-dedup");
  options.lazy_pages = arguments.Has("lazy-pages");
  options.parent_img = arguments.Value("parent-path");
  options.lsm_profile = arguments.Value("lsm-profile");
  options.lsm_mount_context = arguments.Value("lsm-mount-context");
  options.manage_cgroups_mode = TRY(ReadChoice(arguments, "manage-cgroups-mode", kCgroupModes));
  options.network_lock = TRY(ReadChoice(arguments, "network-lock", kNetworkLocks));
  if (arguments.Has("page-server")) {
    options.ps = TRY(ParsePageServer(arguments.Value("page-server")));
  }
  return options;
}

void AddFromContainer(CriuOptions& options, const Spec& spec, const CgroupRecord& cgroup) {
  if (!options.manage_cgroups_mode) {
    options.manage_cgroups_mode =
        cgroup.name.empty() ? CriuCgroupMode::kIgnore : CriuCgroupMode::kSoft;
  }
  options.config_file = spec.extensions.criu_config;
}

Result<void> CheckIsRoot() {
  if (::geteuid() == 0) return {};
  return MakeError("only root can do this: CRIU can't for other users");
}

}  // namespace berth::runtime::cli
