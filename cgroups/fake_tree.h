// A directory tree written as one nested literal, for tests that read and write kernel files.
//
//   const FakeTree tree({File("cgroup.controllers", "cpu memory\n"),
//                        Dir("berth", {File("cgroup.controllers", "cpu\n")})});
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace berth::cgroups {

struct FakeEntry {
  enum class Kind { kFile, kDirectory };
  Kind kind = Kind::kFile;
  std::string name;
  std::string content;              // of a file
  std::vector<FakeEntry> children;  // of a directory
};

inline FakeEntry File(std::string name, std::string content) {
  return {.kind = FakeEntry::Kind::kFile, .name = std::move(name), .content = std::move(content)};
}
inline FakeEntry Dir(std::string name, std::vector<FakeEntry> children) {
  return {.kind = FakeEntry::Kind::kDirectory,
          .name = std::move(name),
          .children = std::move(children)};
}

/// Makes the tree in a temporary directory, which goes with it. Aborts the test program on failure.
class FakeTree {
 public:
  explicit FakeTree(const std::vector<FakeEntry>& entries);
  FakeTree(const FakeTree&) = delete;
  FakeTree& operator=(const FakeTree&) = delete;
  ~FakeTree();

  const std::string& path() const { return path_; }
  /// The content of a file in the tree; "(none)" if there is no such file.
  std::string Read(const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace berth::cgroups
