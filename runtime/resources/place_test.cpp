#include "runtime/resources/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::runtime {
namespace {

using cgroups::Manager;
using testing::HasSubstr;

std::string Name(const std::string& path) {
  auto place = PlaceOf({.cgroups_path = path, .id = "c1"});
  return place ? place->name : place.error().message();
}

std::string Units(const std::string& path) {
  auto place = PlaceOf({.cgroups_path = path, .id = "c1", .manager = Manager::kSystemd});
  return place ? place->slice + "/" + place->scope : place.error().message();
}

TEST(CgroupPlace, IsAPathForCgroupfs) {
  EXPECT_EQ(Name(""), "berth-runtime/c1");
  EXPECT_EQ(Name("/machine/web"), "machine/web");
  EXPECT_EQ(Name("machine//web/"), "machine/web");
}

TEST(CgroupPlace, CanNotLeadOut) {
  EXPECT_THAT(Name("/../x"), HasSubstr("linux.cgroupsPath"));
  EXPECT_THAT(Name("a/../../x"), HasSubstr("has \"..\" in it"));
  EXPECT_THAT(Name("/"), HasSubstr("names no cgroup"));
  EXPECT_THAT(Name("a/./b"), HasSubstr("has \".\" in it"));
  EXPECT_THAT(Name("a\nb"), HasSubstr("line break"));
}

TEST(CgroupPlace, IsAScopeForSystemd) {
  EXPECT_EQ(Units(""), "system.slice/berth-runtime-c1.scope");
  EXPECT_EQ(Units("/plain/path"), "system.slice/berth-runtime-c1.scope");
  EXPECT_EQ(Units("machine.slice:libpod:0af"), "machine.slice/libpod-0af.scope");
  EXPECT_EQ(Units(":docker:0af"), "system.slice/docker-0af.scope");
  EXPECT_EQ(Units("user.slice::0af"), "user.slice/0af.scope");
}

TEST(CgroupPlace, IsInTheUsersSliceForAUsersSystemd) {
  const auto slice = [](const std::string& path) {
    return PlaceOf({.cgroups_path = path,
                    .id = "c1",
                    .manager = Manager::kSystemd,
                    .default_slice = "user.slice"})
        ->slice;
  };
  EXPECT_EQ(slice(""), "user.slice");
  EXPECT_EQ(slice(":libpod:0af"), "user.slice");
  EXPECT_EQ(slice("app.slice:libpod:0af"), "app.slice");
}

TEST(CgroupPlace, RefusesWhatSystemdWould) {
  EXPECT_THAT(Units("a:b"), HasSubstr("slice:prefix:name"));
  EXPECT_THAT(Units("x:runc:c1"), HasSubstr("not a slice"));
  EXPECT_THAT(Units("../x.slice:runc:c1"), HasSubstr("not a slice"));
  EXPECT_THAT(Units("a.slice:runc:../c"), HasSubstr("can't be a unit"));
  EXPECT_THAT(Units("a.slice:runc:c.slice"), HasSubstr("not a slice"));
}

}  // namespace
}  // namespace berth::runtime
