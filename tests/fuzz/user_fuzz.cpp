// Who a process is to be, by the image's /etc/passwd and /etc/group: "user \0 passwd \0 group". A
// number stays that number, a name is one that the files have, and nobody gets groups unasked.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <set>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/process/passwd.h"
#include "runtime/process/user.h"
#include "tests/fuzz/target.h"

namespace {

using namespace berth;           // NOLINT
using namespace berth::runtime;  // NOLINT

// An image's root, which goes at the end of the run.
class ImageRoot {
 public:
  ImageRoot() {
    Expect(::mkdtemp(path_.data()) != nullptr, "mkdtemp", path_);
    Expect(sys::MakeDirectories(path_ + "/etc", 0755).has_value(), "mkdir", path_);
    dir_ = *sys::Open(path_, O_PATH | O_DIRECTORY);
    passwd_ = File("/etc/passwd");
    group_ = File("/etc/group");
  }
  ~ImageRoot() { static_cast<void>(sys::RemoveTree(path_)); }

  int fd() const { return dir_.get(); }
  void Fill(std::string_view passwd, std::string_view group) const {
    Fill(passwd_, passwd);
    Fill(group_, group);
  }

 private:
  UniqueFd File(const std::string& name) const {
    return *sys::OpenAt(AT_FDCWD, path_ + name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  }
  static void Fill(const UniqueFd& file, std::string_view content) {
    Expect(::ftruncate(file.get(), 0) == 0, "truncate", "");
    const auto size = static_cast<ssize_t>(content.size());
    Expect(::pwrite(file.get(), content.data(), content.size(), 0) == size, "write", "");
  }

  static std::string Temporary() {
    const char* directory = ::getenv("TMPDIR");
    return std::string(directory != nullptr ? directory : "/tmp") + "/berth-user-fuzz-XXXXXX";
  }

  std::string path_ = Temporary();
  UniqueFd dir_;
  UniqueFd passwd_;
  UniqueFd group_;
};

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Whether some line has these values in these fields.
bool Has(std::string_view file, size_t field, std::string_view value, std::string_view name) {
  for (const std::string& line : Split(file, '\n')) {
    const auto fields = Split(line, ':');
    if (fields.size() <= field || fields[0] != name) continue;
    const auto number = ParseInteger<uint32_t>(fields[field]);
    if (number && std::to_string(*number) == value) return true;
  }
  return false;
}

void CheckLookUp(std::string_view user, std::string_view passwd, std::string_view group,
                 const User& found) {
  std::string_view wanted_group = user;
  const std::string_view name = Next(wanted_group, ':');
  const std::string uid = std::to_string(found.uid);
  if (name.empty()) {
    Expect(found.uid == 0, "nobody is root", user);
  } else if (const auto number = ParseInteger<uint32_t>(name); number && *number <= INT32_MAX) {
    Expect(found.uid == *number, "a number became another", user);
  } else {
    Expect(Has(passwd, 2, uid, name), "a name that is not there", user);
  }
  Expect(found.uid <= INT32_MAX && found.gid <= INT32_MAX, "an id out of range", user);
  const auto& groups = found.additionalGids;
  Expect(std::find(groups.begin(), groups.end(), found.gid) != groups.end(), "no primary group",
         user);
  Expect(std::set(groups.begin(), groups.end()).size() == groups.size(), "a group twice", user);
  if (wanted_group.empty()) return;
  Expect(groups.size() == 1, "groups unasked", user);
  if (!IsNumber(wanted_group)) {
    Expect(Has(group, 2, std::to_string(found.gid), wanted_group), "a group that is not there",
           user);
  }
}

void CheckNumbers(std::string_view text) {
  const auto parsed = ParseUser(text);
  std::string_view gid = text;
  const std::string_view uid = Next(gid, ':');
  const bool has_gid = uid.size() < text.size();
  if (!parsed) {
    const bool plain = IsNumber(uid) && uid.size() < 10 && !has_gid;
    Expect(!plain, "a plain number is refused", text);
    return;
  }
  Expect(IsNumber(uid) && (!has_gid || IsNumber(gid)), "read as a user", text);
  Expect(parsed->uid != kNoId && parsed->gid != kNoId, "nobody's id", text);
  Expect(parsed->uid == ParseInteger<uint64_t>(uid), "another uid", text);
  Expect(!has_gid || parsed->gid == ParseInteger<uint64_t>(gid), "another gid", text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ImageRoot root;
  std::string_view rest = Text(data, size);
  const std::string_view user = Next(rest, '\0');
  const std::string_view passwd = Next(rest, '\0');
  root.Fill(passwd, rest);
  CheckNumbers(user);
  const auto found = LookUpUser(root.fd(), user);
  if (!found) {
    Expect(!found.error().message().empty(), "refused without a word", user);
    return 0;
  }
  CheckLookUp(user, passwd, rest, *found);
  const auto home = HomeDirectory(root.fd(), found->uid);
  Expect(home && !home->empty(), "no home", user);
  return 0;
}
