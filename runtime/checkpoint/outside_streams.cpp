#include <sys/stat.h>

#include <array>
#include <optional>
#include <set>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/checkpoint/outside.h"

namespace berth::runtime {
namespace {

std::set<std::string> MountsOf(pid_t pid) {
  std::set<std::string> ids;
  const std::string mountinfo = ReadFile(fmt::format("/proc/{}/mountinfo", pid)).ValueOr("");
  for (const std::string& line : Split(mountinfo, '\n')) ids.insert(line.substr(0, line.find(' ')));
  return ids;
}

// proc_pid_fdinfo(5): "mnt_id:\t23".
std::optional<std::string> MountOfFd(pid_t pid, size_t fd) {
  constexpr std::string_view kField = "mnt_id:";
  const std::string info = ReadFile(fmt::format("/proc/{}/fdinfo/{}", pid, fd)).ValueOr("");
  for (const std::string& line : Split(info, '\n')) {
    if (line.starts_with(kField)) return std::string(Trim(line.substr(kField.size())));
  }
  return std::nullopt;
}

// CRIU's name for a file in a mount that the container doesn't have.
Result<std::optional<std::string>> NameOfHostFile(pid_t pid, size_t fd) {
  const std::string path = fmt::format("/proc/{}/fd/{}", pid, fd);
  const auto mount = MountOfFd(pid, fd);
  struct stat info;
  if (!mount || ::stat(path.c_str(), &info) < 0) return std::optional<std::string>();
  if (MountsOf(pid).contains(*mount)) return std::optional<std::string>();
  const auto id = ParseInteger<unsigned>(*mount);
  if (!id) return MakeError("{}: mount \"{}\" is no number", path, *mount);
  return std::optional(fmt::format("file[{:x}:{:x}]", *id, info.st_ino));
}

}  // namespace

Result<std::vector<std::string>> DescribeStreams(const Stdio& stdio) {
  std::vector<std::string> streams;
  for (const int fd : {stdio.in, stdio.out, stdio.err}) {
    streams.push_back(fd < 0 ? "" : TRY(sys::PathOf(fd)));
  }
  return streams;
}

Result<std::vector<std::string>> StreamsOutside(std::vector<std::string>& streams, pid_t pid) {
  std::vector<std::string> outside;
  for (size_t fd = 0; fd < streams.size(); ++fd) {
    if (!streams[fd].starts_with('/')) continue;
    if (sys::ReadLink(fmt::format("/proc/{}/fd/{}", pid, fd)).ValueOr("") != streams[fd]) continue;
    auto name = TRY(NameOfHostFile(pid, fd));
    if (!name) continue;
    outside.push_back(*name);
    streams[fd] = std::move(*name);
  }
  return outside;
}

Result<void> AddStreamsToRestore(const std::vector<std::string>& streams, const Stdio& stdio,
                                 Inherited& inherited) {
  const std::array<int, 3> fds = {stdio.in, stdio.out, stdio.err};
  std::set<std::string> known;
  for (size_t i = 0; i < streams.size() && i < fds.size(); ++i) {
    const std::string& stream = streams[i];
    if (!stream.starts_with("pipe:") && !stream.starts_with("file[")) continue;
    // One that stood for two streams still does.
    if (fds[i] < 0 || !known.insert(stream).second) continue;
    inherited.Add(stream, TRY(sys::Dup(fds[i])));
  }
  return {};
}

}  // namespace berth::runtime
