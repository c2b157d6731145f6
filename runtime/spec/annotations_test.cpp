#include "runtime/spec/annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "runtime/spec/spec_dump.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

Result<Spec> With(const std::string& name, const std::string& value) {
  Spec spec;
  spec.root.path = "rootfs";
  spec.linux_.seccomp = Seccomp{.defaultAction = "SCMP_ACT_ALLOW"};
  spec.annotations = {{name, value}, {"org.example.other", "x"}};
  return ParseSpec(DumpSpec(spec));
}

Extensions Asked(const std::string& name, const std::string& value) {
  const auto spec = With(name, value);
  EXPECT_TRUE(spec) << spec.error().message();
  return spec ? spec->extensions : Extensions();
}

TEST(Annotations, ChooseCriusConfiguration) {
  EXPECT_EQ(Extensions().criu_config, "/etc/criu/runc.conf");
  EXPECT_EQ(Asked("org.criu.config", "/etc/x.conf").criu_config, "/etc/x.conf");
  EXPECT_EQ(Asked("org.criu.config", "").criu_config, "");
  EXPECT_FALSE(With("org.criu.config", "x.conf"));
}

TEST(Annotations, OthersMeanNothing) {
  EXPECT_EQ(Asked("run.oci.yet_to_come", "x"), Extensions());
  EXPECT_EQ(Asked("module.wasm.image/variant", "compat-smart"), Extensions());
}

TEST(Annotations, AreActedOn) {
  EXPECT_TRUE(Asked("run.oci.keep_original_groups", "1").keep_original_groups);
  EXPECT_FALSE(Asked("run.oci.keep_original_groups", "0").keep_original_groups);
  EXPECT_TRUE(Asked("run.oci.seccomp_fail_unknown_syscall", "").unknown_syscalls_fail);
  EXPECT_EQ(Asked("run.oci.hooks.stdout", "/a").hooks_stdout, "/a");
  EXPECT_EQ(Asked("run.oci.hooks.stderr", "/a").hooks_stderr, "/a");
  EXPECT_EQ(Asked("run.oci.pidfd_receiver", "/s").pidfd_receiver, "/s");
  EXPECT_EQ(Asked("run.oci.mount_context_type", "rootcontext").mount_context, "rootcontext");
  EXPECT_EQ(Asked("run.oci.systemd.subgroup", "").systemd_subgroup, "");
  EXPECT_EQ(Asked("run.oci.systemd.subgroup", "init").systemd_subgroup, "init");
  EXPECT_EQ(Asked("run.oci.seccomp_bpf_data", "BgAAAAAA/38=").seccomp_program,
            std::string("\x06\0\0\0\0\0\xff\x7f", 8));
  EXPECT_EQ(With("run.oci.seccomp.receiver", "/s")->linux_.seccomp->listenerPath, "/s");
  const std::vector<systemd::UnitProperty> properties = {{"KillSignal", int32_t{37}}};
  EXPECT_EQ(Asked("org.systemd.property.KillSignal", "37").unit_properties, properties);
}

TEST(Annotations, SetClocks) {
  const auto offsets =
      With("run.oci.timens_offset", "7 3600 5\nmonotonic -1 0\n")->linux_.timeOffsets;
  EXPECT_EQ(offsets.at("boottime"), (TimeOffset{.secs = 3600, .nanosecs = 5}));
  EXPECT_EQ(offsets.at("monotonic"), (TimeOffset{.secs = -1}));
}

TEST(Annotations, WhatCanNotBeHadIsRefusedByItsPlace) {
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"run.oci.handler", "krun"},
           {"run.oci.handler", "wasm-smart"},
           {"module.wasm.image/variant", "compat"},
           {"run.oci.seccomp.plugins", "p.so"},
           {"run.oci.delegate-cgroup", "d"},
           {"run.oci.systemd.force_cgroup_v1", "/sys/fs/cgroup/systemd"},
           {"run.oci.hooks.stdout", "relative"},
           {"run.oci.hooks.stderr", ""},
           {"run.oci.pidfd_receiver", "x"},
           {"run.oci.seccomp.receiver", "x"},
           {"run.oci.mount_context_type", "x"},
           {"run.oci.systemd.subgroup", ".."},
           {"run.oci.systemd.subgroup", "a/b"},
           {"run.oci.timens_offset", "realtime 1 0"},
           {"run.oci.timens_offset", ""},
           {"run.oci.timens_offset", "boottime 1 1000000000"},
           {"run.oci.seccomp_bpf_data", ""},
           {"run.oci.seccomp_bpf_data", "Zm9v"},
           {"run.oci.seccomp_bpf_data", "?"},
           {"org.systemd.property.", "1"},
           {"org.systemd.property.A.B", "1"},
           {"org.systemd.property.KillSignal", "x"}}) {
    const auto spec = With(name, value);
    ASSERT_FALSE(spec) << name << "=" << value;
    EXPECT_THAT(spec.error().message(), HasSubstr(std::string("annotations.") + name + ": "));
  }
}

TEST(Annotations, EveryNameIsToldOnce) {
  const auto names = AnnotationNames();
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace berth::runtime
