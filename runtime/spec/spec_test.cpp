#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/seccomp/default_seccomp.h"
#include "runtime/spec/default_spec.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime {
namespace {

using testing::HasSubstr;

// A document with the required fields, and `more` beside them.
std::string Document(const std::string& more, const std::string& process = "") {
  return R"({"ociVersion": "1.0.2", "root": {"path": "rootfs"},
             "process": {"user": {"uid": 0, "gid": 0}, "args": ["sh"], "cwd": "/")" +
         process + "}" + more + "}";
}

std::string Problem(const std::string& document) {
  const auto spec = ParseSpec(document);
  return spec ? "" : spec.error().message();
}

Spec FullSpec() {
  Spec spec = DefaultSpec();
  spec.process.args = {"/bin/web", "--port", "80"};
  spec.process.terminal = true;
  spec.process.consoleSize = ConsoleSize{.height = 24, .width = 80};
  spec.process.user = {.uid = 1, .gid = 2, .umask = 077, .additionalGids = {3, 4}};
  spec.process.rlimits = {{.type = "RLIMIT_CORE", .soft = 0, .hard = UINT64_MAX}};
  spec.process.noNewPrivileges = true;
  spec.process.apparmorProfile = "web-default";
  spec.process.selinuxLabel = "system_u:system_r:container_t:s0";
  spec.process.oomScoreAdj = -5;
  spec.root = {.path = "rootfs", .readonly = true};
  spec.hostname = "web";
  spec.domainname = "example";
  spec.annotations = {{"a.b/c", "d"}};
  spec.linux_.namespaces[0].path = "/proc/self/fd/7";
  spec.linux_.uidMappings = {{.containerID = 0, .hostID = 1000, .size = 1}};
  spec.linux_.gidMappings = {{.containerID = 0, .hostID = 2000, .size = 1}};
  spec.linux_.devices = {{.type = "c",
                          .path = "/dev/fuse",
                          .major = 10,
                          .minor = 229,
                          .fileMode = 0600,
                          .uid = 1,
                          .gid = 2}};
  spec.linux_.intelRdt = IntelRdt{.closID = "gold",
                                  .l3CacheSchema = "L3:0=f",
                                  .memBwSchema = "MB:0=20",
                                  .schemata = {"L2:0=1"},
                                  .enableMonitoring = true};
  spec.linux_.netDevices = {{"eth1", {.name = "data"}}, {"eth2", {}}};
  spec.linux_.rootfsPropagation = "slave";
  spec.linux_.mountLabel = "system_u:object_r:container_file_t:s0:c1,c2";
  spec.linux_.sysctl = {{"net.core.somaxconn", "256"}};
  spec.linux_.seccomp = DefaultSeccomp({"CAP_SYS_CHROOT"});
  return spec;
}

TEST(Spec, SurvivesDumpAndParse) {
  for (const Spec& spec : {FullSpec(), *ParseSpec(Document(""))}) {
    const auto again = ParseSpec(DumpSpec(spec));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, spec);
  }
}

TEST(Spec, MayLeaveTheProcessOut) {
  const auto spec = ParseSpec(R"({"ociVersion": "1.3.0", "root": {"path": "rootfs"}})");
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->process, Process());
  EXPECT_EQ(*ParseSpec(DumpSpec(*spec)), *spec);
  EXPECT_EQ(
      Problem(R"({"ociVersion": "1.3.0", "root": {"path": "rootfs"}, "process": {"args": []}})"),
      "process: user is required\nprocess: cwd is required\nprocess: args is empty");
}

TEST(Spec, ReadsUnlimitedLimits) {
  const auto spec = ParseSpec(Document("", R"(, "rlimits": [
      {"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 18446744073709551615}])"));
  ASSERT_TRUE(spec) << spec.error().message();
  EXPECT_EQ(spec->process.rlimits[0].hard, UINT64_MAX);
}

TEST(Spec, SkipsWhatTheSpecificationDoesNotKnow) {
  EXPECT_EQ(Problem(Document(R"(, "future": {"x": 1}, "linux": {"later": true})")), "");
}

TEST(Spec, RefusesWhatItDoesNotDo) {
  EXPECT_EQ(Problem(Document(R"(, "vm": {"kernel": {"path": "/x"}})")),
            "vm: is for another platform");
  EXPECT_EQ(Problem(Document("", R"(, "commandLine": "cmd.exe")")),
            "process.commandLine: is for another platform");
  EXPECT_EQ(Problem(Document(R"(, "hooks": {}, "linux": {"mountLabel": ""})")), "");
}

TEST(Spec, NamesWhatIsWrongWithAHook) {
  const auto problem = [](const std::string& hook) {
    return Problem(Document(R"(, "hooks": {"poststop": [)" + hook + "]}"));
  };
  EXPECT_EQ(problem(R"({"path": "/x", "args": ["x", "y"], "env": ["A=b"], "timeout": 3})"), "");
  EXPECT_EQ(problem(R"({"path": "x"})"),
            "hooks.poststop[0].path: must be an absolute path, not \"x\"");
  EXPECT_EQ(problem(R"({"args": []})"), "hooks.poststop[0]: path is required");
  EXPECT_EQ(problem(R"({"path": "/x", "timeout": 0})"),
            "hooks.poststop[0]: timeout must be greater than 0");
}

TEST(Spec, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(Problem("{}"), HasSubstr("ociVersion is required"));
  EXPECT_THAT(Problem("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(Problem(Document(R"(, "hostname": 5)")), HasSubstr("hostname: must be a string"));
  EXPECT_EQ(Problem(Document("", R"(, "capabilities": {"bounding": ["CAP_NOPE"]})")), "");
  EXPECT_THAT(Problem(Document("", R"(, "scheduler": {"policy": "SCHED_NOPE"})")),
              HasSubstr("process.scheduler: policy: unknown value \"SCHED_NOPE\""));
  EXPECT_THAT(
      Problem(Document("", R"(, "ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": 8})")),
      HasSubstr("process.ioPriority: priority must be from 0 to 7"));
  EXPECT_THAT(Problem(Document("", R"(, "execCPUAffinity": {"initial": "0-x"})")),
              HasSubstr("\"0-x\" is not a list of processors such as 0-3,7"));
  EXPECT_THAT(
      Problem(Document(R"(, "linux": {"memoryPolicy": {"mode": "MPOL_BIND", "nodes": "a"}})")),
      HasSubstr("linux.memoryPolicy: nodes: \"a\" is not a list of memory nodes"));
  EXPECT_THAT(Problem(Document(R"(, "linux": {"personality": {"domain": "BSD"}})")),
              HasSubstr("linux.personality: domain: unknown value \"BSD\""));
  EXPECT_THAT(Problem(Document(R"(, "linux": {"readonlyPaths": ["proc"]})")),
              HasSubstr("linux.readonlyPaths: must be an absolute path, not \"proc\""));
  EXPECT_THAT(Problem(Document(R"(, "annotations": {"": "x"})")), HasSubstr("empty name"));
  EXPECT_THAT(Problem(Document("", R"(, "rlimits": [{"type": "RLIMIT_X", "soft": 1, "hard": 1}])")),
              HasSubstr("process.rlimits[0]: unknown limit \"RLIMIT_X\""));
  EXPECT_THAT(Problem(Document("", R"(, "env": ["A=\u0000"])")), HasSubstr("NUL"));
  EXPECT_THAT(Problem(Document("", R"(, "oomScoreAdj": 2000)")), HasSubstr("-1000 to 1000"));
  EXPECT_THAT(Problem(Document(R"(, "linux": {"namespaces": [{"type": "pid"}, {"type": "pid"}]})")),
              HasSubstr("linux: namespaces has pid twice"));
  EXPECT_THAT(Problem(Document(R"(, "linux": {"namespaces": [{"type": "galaxy"}]})")),
              HasSubstr("unknown namespace type \"galaxy\""));
  EXPECT_EQ(Problem(Document(R"(, "linux": {"namespaces": [{"type": "user", "path": "x"}]})")),
            "linux.namespaces[0].path: must be an absolute path, not \"x\"");
  EXPECT_THAT(Problem(Document(R"(, "mounts": [{"destination": "/x", "type": "bind"}])")),
              HasSubstr("mounts[0]: bind mount on /x has no source"));
}

TEST(Spec, NamesWhatIsWrongWithAFilter) {
  const auto problem = [](const std::string& seccomp) {
    return Problem(Document(R"(, "linux": {"seccomp": {)" + seccomp + "}}"));
  };
  EXPECT_EQ(problem(R"("defaultAction": "SCMP_ACT_NOTIFY")"),
            "linux.seccomp: defaultAction: SCMP_ACT_NOTIFY can be the action of named calls alone, "
            "or nobody could tell of any");
  EXPECT_EQ(problem(R"("defaultAction": "SCMP_ACT_ALLOW", "listenerMetadata": "x")"),
            "linux.seccomp: listenerMetadata is of no use without listenerPath");
  EXPECT_EQ(problem(R"("defaultAction": "SCMP_ACT_ALLOW",
                       "syscalls": [{"names": [], "action": "SCMP_ACT_ERRNO"}])"),
            "linux.seccomp.syscalls[0]: names is empty");
}

TEST(Spec, NamesWhatIsWrongWithADevice) {
  const auto problem = [](const std::string& device) {
    return Problem(Document(R"(, "linux": {"devices": [)" + device + "]}"));
  };
  EXPECT_EQ(problem(R"({"type": "p", "path": "/dev/pipe"})"), "");
  EXPECT_EQ(problem(R"({"type": "c", "path": "/dev/x", "major": 1})"),
            "linux.devices[0]: minor is required");
  EXPECT_EQ(problem(R"({"type": "c", "path": "dev/x", "major": 1, "minor": 2})"),
            "linux.devices[0].path: must be an absolute path, not \"dev/x\"");
}

TEST(Spec, NamesWhatIsWrongWithAnInterface) {
  const auto problem = [](const std::string& devices, const std::string& type = "network") {
    return Problem(Document(R"(, "linux": {"namespaces": [{"type": ")" + type +
                            R"("}], "netDevices": )" + devices + "}"));
  };
  EXPECT_EQ(problem(R"({"eth0": {}, "eth1": {"name": "data%d"}})"), "");
  EXPECT_EQ(problem(R"({"eth0": {}})", "pid"),
            "linux: netDevices needs a network namespace in namespaces");
  EXPECT_EQ(problem(R"({"eth0": {"name": "a-name-too-long-for-it"}})"),
            "linux.netDevices.eth0: \"a-name-too-long-for-it\" is not a name for an interface");
  EXPECT_EQ(problem(R"({"eth0": {"name": "a%s"}})"),
            "linux.netDevices.eth0: \"a%s\": only one %d can stand in a name for an interface");
}

TEST(Spec, NamesWhatIsWrongWithResctrlGroups) {
  const auto problem = [](const std::string& rdt) {
    return Problem(Document(R"(, "linux": {"intelRdt": )" + rdt + "}"));
  };
  EXPECT_EQ(problem(R"({"closID": "/", "memBwSchema": "MB:0=20", "enableMonitoring": true})"), "");
  EXPECT_EQ(problem(R"({"closID": "a/b"})"),
            "linux.intelRdt: closID: \"a/b\" is not a name for a group");
  EXPECT_EQ(problem(R"({"memBwSchema": "L3:0=1"})"),
            "linux.intelRdt: memBwSchema: must be one line that begins with MB:");
}

TEST(DefaultSpec, HasDockersCapabilities) {
  EXPECT_EQ(DefaultSpec().process.capabilities.bounding.size(), 14U);
  EXPECT_TRUE(DefaultSpec().process.capabilities.inheritable.empty());
}

}  // namespace
}  // namespace berth::runtime
