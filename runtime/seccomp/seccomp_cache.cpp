#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/wire.h"
#include "runtime/seccomp/seccomp.h"

namespace berth::runtime {
namespace {

// A file is found by a hash of the profile and trusted because it holds the profile itself: that
// two profiles share a hash costs a compilation, never the wrong filter.
uint64_t Hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string Key(const Seccomp& profile) {
  WireWriter key;
  key.Text(SeccompCompiler());
  key.Text("with unknown calls as ENOSYS");
  key.Text(profile.defaultAction);
  key.Number(profile.defaultErrnoRet ? int64_t{*profile.defaultErrnoRet} : -1);
  key.Texts(profile.architectures);
  key.Texts(profile.flags);
  key.Number(static_cast<int64_t>(profile.syscalls.size()));
  for (const SeccompSyscall& rule : profile.syscalls) {
    key.Texts(rule.names);
    key.Text(rule.action);
    key.Number(rule.errnoRet ? int64_t{*rule.errnoRet} : -1);
    key.Number(static_cast<int64_t>(rule.args.size()));
    for (const SeccompArg& arg : rule.args) {
      key.Number(arg.index);
      key.Number(static_cast<int64_t>(arg.value));
      key.Number(static_cast<int64_t>(arg.valueTwo));
      key.Text(arg.op);
    }
  }
  return key.Take();
}

std::string Pack(const std::string& key, const SeccompFilter& filter) {
  WireWriter file;
  file.Number(static_cast<int64_t>(Hash(key + filter.program)));
  file.Text(key);
  file.Number(filter.flags);
  file.Text(filter.program);
  return file.Take();
}

Result<SeccompFilter> Unpack(const std::string& bytes, const std::string& key) {
  WireReader file(bytes);
  const auto hash = static_cast<uint64_t>(file.Number());
  const bool same_key = file.Text() == key;
  SeccompFilter filter;
  filter.flags = static_cast<unsigned>(file.Number());
  filter.program = file.Text();
  TRY(file.Finish());
  // The hash over all of it tells a file that a power cut has left with holes.
  if (!same_key || hash != Hash(key + filter.program)) return MakeError("another filter");
  return filter;
}

}  // namespace

Result<SeccompFilter> CompileSeccompCached(const Seccomp& profile, const std::string& directory) {
  if (directory.empty()) return CompileSeccomp(profile);
  const std::string key = Key(profile);
  const std::string path = fmt::format("{}/{:016x}.bpf", directory, Hash(key));
  if (const auto bytes = ReadFile(path, 1 << 20)) {
    if (auto filter = Unpack(*bytes, key)) return filter;
  }
  SeccompFilter filter = TRY(CompileSeccomp(profile));
  // Without a cache things are slower, not wrong.
  auto stored = sys::MakeDirectories(directory, 0700);
  if (stored) stored = ReplaceFile(path, Pack(key, filter), 0600);
  if (!stored) log::Warning("seccomp cache: {}", stored.error().message());
  return filter;
}

}  // namespace berth::runtime
