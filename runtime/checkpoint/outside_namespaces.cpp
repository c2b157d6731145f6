#include <sys/stat.h>

#include "base/sys.h"
#include "runtime/checkpoint/outside.h"

namespace berth::runtime {
namespace {

// Namespaces that CRIU can leave out, and the names it inherits them by; those that crun and runc
// use, so that a container can move from one runtime to another.
struct OutsideKind {
  const char* type;
  const char* criu;  // CRIU's word for the type
  const char* key;
};
constexpr OutsideKind kLeftOut[] = {{"network", "net", "extRootNetNS"},
                                    {"pid", "pid", "extRootPidNS"}};
constexpr OutsideKind kJoined[] = {{"ipc", "ipc", ""}, {"uts", "uts", ""}, {"time", "time", ""}};

template <size_t size>
const OutsideKind* FindOutside(const OutsideKind (&kinds)[size], const std::string& type) {
  for (const OutsideKind& kind : kinds) {
    if (type == kind.type) return &kind;
  }
  return nullptr;
}

}  // namespace

void Inherited::Add(std::string key, UniqueFd fd) {
  names.push_back({.key = std::move(key), .fd = fd.get()});
  fds.push_back(std::move(fd));
}

std::vector<int> Inherited::numbers() const {
  std::vector<int> numbers;
  for (const UniqueFd& fd : fds) numbers.push_back(fd.get());
  return numbers;
}

Result<std::vector<std::string>> NamespacesOutside(const Spec& spec) {
  std::vector<std::string> outside;
  for (const Namespace& ns : spec.linux_.namespaces) {
    const OutsideKind* kind = FindOutside(kLeftOut, ns.type);
    if (ns.path.empty() || kind == nullptr) continue;
    struct stat info;
    if (::stat(ns.path.c_str(), &info) < 0) return ErrnoError("{}", ns.path);
    outside.push_back(fmt::format("{}[{}]:{}", kind->criu, info.st_ino, kind->key));
  }
  return outside;
}

Result<void> AddNamespacesToRestore(const Spec& spec, Inherited& inherited) {
  for (const Namespace& ns : spec.linux_.namespaces) {
    if (ns.path.empty()) continue;
    if (const OutsideKind* kind = FindOutside(kLeftOut, ns.type)) {
      inherited.Add(kind->key, TRY(sys::Open(ns.path, O_RDONLY)));
    } else if (const OutsideKind* joined = FindOutside(kJoined, ns.type)) {
      inherited.join.push_back({.first = joined->criu, .second = ns.path});
    } else {
      return MakeError("linux.namespaces: CRIU can't restore a container into the {} namespace {}",
                       ns.type, ns.path);
    }
  }
  return {};
}

}  // namespace berth::runtime
