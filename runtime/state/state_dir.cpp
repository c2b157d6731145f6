#include "runtime/state/state_dir.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

#include "base/files.h"
#include "base/sys.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime {
namespace {

constexpr const char* kConfig = "config.json";
constexpr const char* kState = "state.json";
constexpr const char* kNewState = "state.json.new";
constexpr const char* kStart = "start";
constexpr const char* kCreating = "creating";
constexpr std::string_view kRetired = ".deleted-";
constexpr size_t kMostOfId = NAME_MAX - kRetired.size();

// Through the directory's descriptor: a socket's path may have no more than 107 bytes.
sockaddr_un SocketAddress(int dir, const char* name) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  const std::string path = fmt::format("/proc/self/fd/{}/{}", dir, name);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

Result<UniqueFd> Socket() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  return socket;
}

const sockaddr* Generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

}  // namespace

Result<void> CheckId(const std::string& id) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+-.").find(c) != std::string_view::npos;
  };
  if (id.empty()) return MakeError("the container's id is empty");
  if (id.size() > kMostOfId) return MakeError("the container's id is longer than {}", kMostOfId);
  if (id[0] == '.' || !std::all_of(id.begin(), id.end(), allowed)) {
    return MakeError(
        "\"{}\" can't be a container's id: letters, digits and _+-. are allowed, and no dot at the "
        "start",
        id);
  }
  return {};
}

Result<StateDir> StateDir::Make(const std::string& root, const std::string& id) {
  TRY(CheckId(id));
  const std::string path = root + "/" + id;
  if (::mkdir(path.c_str(), 0700) < 0) {
    if (errno == EEXIST) return Error(fmt::format("container \"{}\" exists already", id), EEXIST);
    if (errno != ENOENT) return ErrnoError("mkdir {}", path);
    TRY(sys::MakeDirectories(root, 0700));
    TRY(sys::MkdirAt(AT_FDCWD, path, 0700));
  }
  StateDir dir(path, TRY(sys::Open(path, O_RDONLY | O_DIRECTORY)));
  TRY(dir.Lock());
  return dir;
}

Result<StateDir> StateDir::Open(const std::string& root, const std::string& id) {
  TRY(CheckId(id));
  const std::string path = root + "/" + id;
  auto dir = sys::Open(path, O_RDONLY | O_DIRECTORY);
  if (!dir && dir.error().Is(ENOENT)) {
    return Error(fmt::format("container \"{}\" does not exist", id), ENOENT);
  }
  return StateDir(path, TRY(std::move(dir)));
}

Result<std::vector<std::string>> StateDir::List(const std::string& root) {
  auto names = ListDirectory(root);
  if (!names && names.error().Is(ENOENT)) return std::vector<std::string>();
  std::vector<std::string> ids;
  for (std::string& name : TRY(std::move(names))) {
    struct stat info;
    const std::string path = root + "/" + name;
    if (CheckId(name) && ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
      ids.push_back(std::move(name));
    }
  }
  return ids;
}

Result<void> StateDir::Lock() {
  while (::flock(dir_.get(), LOCK_EX) < 0) {
    if (errno != EINTR) return ErrnoError("lock {}", path_);
  }
  struct stat info;
  if (::fstat(dir_.get(), &info) == 0 && info.st_nlink == 0) {
    return Error(fmt::format("{} does not exist any more", path_), ENOENT);
  }
  return {};
}

void StateDir::Unlock() { ::flock(dir_.get(), LOCK_UN); }

bool StateDir::Locked() const {
  // A lock of another open file: our own descriptor would only change the lock it has.
  const auto again = sys::Open(path_, O_RDONLY | O_DIRECTORY);
  return again && ::flock(again->get(), LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

Result<void> StateDir::WriteConfig(std::string_view json) const {
  return WriteNewFile(path_ + "/" + kConfig, json, 0600);
}

Result<Spec> StateDir::ReadConfig() const {
  const std::string path = path_ + "/" + kConfig;
  return ParseSpec(TRY(ReadFile(path))).Context("{}", path);
}

Result<void> StateDir::WriteRecord(const Record& record) const {
  // Whoever writes has the lock, so the name beside needs no luck to be free.
  const UniqueFd file =
      TRY(sys::OpenAt(dir_.get(), kNewState, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  TRY(sys::WriteAll(file.get(), DumpRecord(record)).Context("{}/{}", path_, kNewState));
  if (::renameat(dir_.get(), kNewState, dir_.get(), kState) == 0) return {};
  return ErrnoError("rename {}/{}", path_, kNewState);
}

Result<std::optional<Record>> StateDir::ReadRecord() const {
  const std::string path = path_ + "/" + kState;
  const auto json = ReadFile(path);
  if (!json && json.error().Is(ENOENT)) return std::optional<Record>();
  return std::optional(TRY(ParseRecord(TRY(json)).Context("{}", path)));
}

Result<UniqueFd> StateDir::Listen() const {
  UniqueFd listener = TRY(Socket());
  const sockaddr_un address = SocketAddress(dir_.get(), kCreating);
  if (::bind(listener.get(), Generic(address), sizeof address) < 0) {
    return ErrnoError("bind {}/{}", path_, kCreating);
  }
  if (::listen(listener.get(), 1) < 0) return ErrnoError("listen at {}/{}", path_, kCreating);
  return listener;
}

Result<void> StateDir::OpenToStart() const {
  if (::renameat(dir_.get(), kCreating, dir_.get(), kStart) == 0) return {};
  return ErrnoError("rename {}/{}", path_, kCreating);
}

Result<UniqueFd> StateDir::ConnectToStart() const {
  UniqueFd starter = TRY(Socket());
  const sockaddr_un address = SocketAddress(dir_.get(), kStart);
  if (::connect(starter.get(), Generic(address), sizeof address) < 0) {
    return ErrnoError("connect to {}/{}", path_, kStart);
  }
  if (::unlinkat(dir_.get(), kStart, 0) < 0) return ErrnoError("remove {}/{}", path_, kStart);
  return starter;
}

bool StateDir::WaitsForStart() const { return ::faccessat(dir_.get(), kStart, F_OK, 0) == 0; }

bool StateDir::IsBeingMade() const { return ::faccessat(dir_.get(), kCreating, F_OK, 0) == 0; }

// Ids don't start with a dot, so the name can't be another container's.
Result<void> StateDir::Retire() {
  const size_t slash = path_.rfind('/');
  const std::string name = path_.substr(slash + 1);
  if (name.starts_with(kRetired)) return {};
  std::string retired = fmt::format("{}/{}{}", path_.substr(0, slash), kRetired, name);
  auto renamed = sys::Rename(path_, retired);
  if (!renamed && renamed.error().Is(ENOTEMPTY)) {
    // One of the same name from before, whose hooks a crash kept from running, has had its time.
    TRY(sys::RemoveTree(retired));
    renamed = sys::Rename(path_, retired);
  }
  TRY(renamed);
  path_ = std::move(retired);
  return {};
}

Result<StateDir> StateDir::OpenRetired(const std::string& root, const std::string& id) {
  TRY(CheckId(id));
  const std::string path = fmt::format("{}/{}{}", root, kRetired, id);
  return StateDir(path, TRY(sys::Open(path, O_RDONLY | O_DIRECTORY)));
}

Result<void> StateDir::Remove() const {
  // Quicker than to look what there is.
  for (const char* name : {kState, kConfig}) ::unlinkat(dir_.get(), name, 0);
  if (::rmdir(path_.c_str()) == 0 || errno == ENOENT) return {};
  return sys::RemoveTree(path_);
}

}  // namespace berth::runtime
