#include "cgroups/fake_tree.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/files.h"
#include "base/sys.h"

namespace berth::cgroups {
namespace {

void Check(const Result<void>& made) {
  if (made) return;
  ADD_FAILURE() << made.error().message();
  std::abort();
}

void Make(const std::string& parent, const std::vector<FakeEntry>& entries) {
  for (const FakeEntry& entry : entries) {
    const std::string path = parent + "/" + entry.name;
    if (entry.kind == FakeEntry::Kind::kFile) {
      Check(ReplaceFile(path, entry.content));
    } else {
      Check(sys::MakeDirectories(path, 0755));
      Make(path, entry.children);
    }
  }
}

}  // namespace

FakeTree::FakeTree(const std::vector<FakeEntry>& entries)
    : path_(testing::TempDir() + "berth-fake-tree-XXXXXX") {
  if (::mkdtemp(path_.data()) == nullptr) std::abort();
  Make(path_, entries);
}

FakeTree::~FakeTree() { static_cast<void>(sys::RemoveTree(path_)); }

std::string FakeTree::Read(const std::string& name) const {
  return ReadFile(path_ + "/" + name).ValueOr("(none)");
}

}  // namespace berth::cgroups
