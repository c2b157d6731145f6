// What is said to CRIU and what it answers: the part of its rpc.proto (version 3.17) that is used
// here. Names are those of that file.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::runtime {

/// criu_req_type.
enum class CriuRequestType { kDump = 1, kRestore = 2, kNotify = 6, kSinglePreDump = 13 };

/// criu_cg_mode: what becomes of the cgroups that the processes were in.
enum class CriuCgroupMode { kIgnore = 0, kSoft = 3, kFull = 4, kStrict = 5 };

/// criu_network_lock_method.
enum class CriuNetworkLock { kIptables = 1, kNftables = 2, kSkip = 3 };

struct CriuPageServer {
  std::string address;
  int port = 0;
};

/// Two texts that belong together: ext_mount_map (key, val), join_namespace (ns, ns_file),
/// cgroup_root (ctrl, path).
struct CriuPair {
  std::string first;
  std::string second;
};

struct CriuInheritedFd {
  std::string key;
  int fd = -1;
};

/// criu_opts. What is false, empty or absent isn't sent: CRIU's own default holds.
struct CriuOptions {
  int images_dir_fd = -1;
  pid_t pid = 0;
  bool leave_running = false;
  bool ext_unix_sk = false;
  bool tcp_established = false;
  bool evasive_devices = false;
  bool shell_job = false;
  bool file_locks = false;
  int log_level = 0;
  std::string log_file;
  std::optional<CriuPageServer> ps;
  bool notify_scripts = false;
  std::string root;
  std::string parent_img;
  bool track_mem = false;
  bool auto_dedup = false;
  int work_dir_fd = -1;
  bool link_remap = false;
  std::vector<CriuPair> ext_mnt;
  std::vector<CriuPair> cg_root;
  bool rst_sibling = false;
  std::vector<CriuInheritedFd> inherit_fd;
  std::optional<CriuCgroupMode> manage_cgroups_mode;
  std::vector<std::string> external;
  uint32_t empty_ns = 0;
  std::vector<CriuPair> join_ns;
  std::string freeze_cgroup;
  bool tcp_skip_in_flight = false;
  bool lazy_pages = false;
  bool orphan_pts_master = false;
  std::string config_file;
  bool tcp_close = false;
  std::string lsm_profile;
  std::string lsm_mount_context;
  std::optional<CriuNetworkLock> network_lock;
};

/// A criu_req that asks for `type`.
std::string EncodeCriuRequest(CriuRequestType type, const CriuOptions& options);
/// A criu_req that answers a notification.
std::string EncodeCriuNotified(bool success);

/// criu_resp.
struct CriuResponse {
  int type = 0;  // of the request it answers, or CriuRequestType::kNotify
  bool success = false;
  pid_t restored = 0;    // restore.pid
  std::string script;    // notify.script: what CRIU is about to do, or has done
  pid_t script_pid = 0;  // notify.pid: the first process, as the caller sees it
  int cr_errno = 0;
  std::string cr_errmsg;

  bool Is(CriuRequestType what) const { return type == static_cast<int>(what); }
};

/// Fields that are not known are passed over, as newer versions of CRIU add some.
Result<CriuResponse> ParseCriuResponse(std::string_view message);

}  // namespace berth::runtime
