#include "cgroups/delegation.h"

#include <gtest/gtest.h>

#include <map>

#include "base/format.h"
#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

// Cgroups that are not in the map can't be written.
using Views = std::map<std::string, CgroupView>;

std::string Describe(const DelegatedRoot& root) {
  return fmt::format("\"{}\"{}{}", root.path, root.writable ? " writable" : "",
                     root.inhabitants == Inhabitants::kOthers ? ""
                     : root.inhabitants == Inhabitants::kOurs ? " ours"
                                                              : " maybe ours");
}

std::string Find(const std::string& own_path, const Views& views) {
  return Describe(FindDelegatedRoot(own_path, [&](const std::string& path) {
    const auto found = views.find(path);
    return found == views.end() ? CgroupView() : found->second;
  }));
}

constexpr CgroupView kWritable = {.writable = true};
constexpr CgroupView kDelegated = {.writable = true, .delegated = true};
constexpr CgroupView kManaged = {.writable = true, .delegated = true, .has_manager = true};

TEST(DelegatedRootTest, RootOfAHostHasAllOfIt) {
  EXPECT_EQ(Find("/system.slice/x.service",
                 {{"", {.writable = true, .top = true}}, {"/system.slice/x.service", kDelegated}}),
            "\"\" writable");
}

TEST(DelegatedRootTest, AContainerHasItsNamespaceAndMayMoveItsProcesses) {
  EXPECT_EQ(Find("", {{"", kWritable}}), "\"\" writable ours");
}

TEST(DelegatedRootTest, ProcessesAtTheKernelsOwnRootAreInNobodysWay) {
  EXPECT_EQ(Find("", {{"", {.writable = true, .top = true}}}), "\"\" writable");
}

TEST(DelegatedRootTest, ProcessesOfOthersAreNotMoved) {
  EXPECT_EQ(Find("/init", {{"", kWritable}}), "\"\" writable");
  EXPECT_EQ(Find("", {{"", kManaged}}), "\"\" writable");
}

TEST(DelegatedRootTest, IsTheNearestThatSystemdDelegated) {
  const Views views = {{"/user.slice", kManaged},
                       {"/user.slice/a.slice", kWritable},
                       {"/user.slice/a.slice/b.scope", kDelegated},
                       {"/user.slice/a.slice/b.scope/init", kWritable}};
  EXPECT_EQ(Find("/user.slice/a.slice/b.scope", views),
            "\"/user.slice/a.slice/b.scope\" writable ours");
  EXPECT_EQ(Find("/user.slice/a.slice/b.scope/init", views),
            "\"/user.slice/a.slice/b.scope\" writable");
}

TEST(DelegatedRootTest, IsTheTopmostWritableWithoutSystemdsMark) {
  const Views views = {{"/a/b", kWritable}, {"/a/b/c", kWritable}};
  EXPECT_EQ(Find("/a/b", views), "\"/a/b\" writable ours");
  EXPECT_EQ(Find("/a/b/c", views), "\"/a/b\" writable");
}

TEST(DelegatedRootTest, IsTheUnitOfAUsersSystemd) {
  const Views views = {{"/u", kManaged},
                       {"/u/app.slice", kWritable},
                       {"/u/app.slice/app-x.slice", kWritable},
                       {"/u/app.slice/app-x.slice/y.scope", kWritable},
                       {"/u/app.slice/app-x.slice/y.scope/init", kWritable},
                       {"/u/z.service", kWritable}};
  const std::string unit = "/u/app.slice/app-x.slice/y.scope";
  EXPECT_EQ(Find(unit, views), "\"" + unit + "\" writable maybe ours");
  EXPECT_EQ(Find(unit + "/init", views), "\"" + unit + "\" writable");
  EXPECT_EQ(Find("/u/z.service", views), "\"/u/z.service\" writable maybe ours");
}

TEST(DelegatedRootTest, IsNotWritableWhereNothingIs) {
  EXPECT_EQ(Find("/session-1.scope", {}), "\"\"");
  EXPECT_EQ(Find("", {}), "\"\"");
  // What was delegated to another, further up, is out of reach.
  EXPECT_EQ(Find("/a/b", {{"/a", kDelegated}}), "\"\"");
}

TEST(ViewCgroupTest, TellsWhatIsThere) {
  const FakeTree tree({File("cgroup.procs", ""), File("cgroup.subtree_control", ""),
                       Dir("below", {File("cgroup.procs", ""), File("cgroup.subtree_control", ""),
                                     File("cgroup.type", "domain\n"), Dir("init.scope", {})}),
                       Dir("bare", {File("cgroup.type", "domain\n")})});
  const CgroupView top = ViewCgroup(tree.path());
  EXPECT_TRUE(top.writable && top.top && !top.delegated && !top.has_manager);
  const CgroupView below = ViewCgroup(tree.path() + "/below");
  EXPECT_TRUE(below.writable && !below.top && below.has_manager);
  EXPECT_FALSE(ViewCgroup(tree.path() + "/bare").writable);
  EXPECT_FALSE(ViewCgroup(tree.path() + "/missing").writable);
}

}  // namespace
}  // namespace berth::cgroups
