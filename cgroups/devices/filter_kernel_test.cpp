// What processes in a cgroup with a filter may open and make.
#include "cgroups/devices/filter.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "base/files.h"
#include "cgroups/devices/model.h"
#include "cgroups/devices/program.h"
#include "cgroups/fake_tree.h"
#include "cgroups/kernel_test.h"

namespace berth::cgroups {
namespace {

using std::chrono::steady_clock;

using testing::HasSubstr;

using enum DeviceType;

struct Node {
  const char* name;
  mode_t type;
  unsigned major;
  unsigned minor;
};
constexpr Node kNull = {"null", S_IFCHR, 1, 3};
constexpr Node kZero = {"zero", S_IFCHR, 1, 5};
constexpr Node kNodes[] = {kNull,
                           kZero,
                           {"full", S_IFCHR, 1, 7},
                           {"tty", S_IFCHR, 5, 0},
                           {"loop0", S_IFBLK, 7, 0},
                           {"loop1", S_IFBLK, 7, 1}};

class DeviceFilterTest : public KernelTest {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    if (const auto supported = DeviceFilterSupported(); !supported || !*supported) {
      GTEST_SKIP() << "needs a kernel that filters devices by cgroup";
    }
    for (const Node& node : kNodes) ASSERT_EQ(Make(node, node.name), 0);
  }

  std::string Path(const std::string& name) const { return nodes_.path() + "/" + name; }
  int Make(const Node& node, const std::string& name) const {
    return ::mknod(Path(name).c_str(), node.type | 0600, makedev(node.major, node.minor));
  }

  // Whether the filter lets the calling process: all else that can go wrong comes after it.
  bool MayOpen(const Node& node, int flags) const {
    const int fd = ::open(Path(node.name).c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0) ::close(fd);
    return fd >= 0 || errno != EPERM;
  }
  bool MayMake(const Node& node) const {
    const std::string name = std::string("new-") + node.name;
    if (Make(node, name) != 0) return errno != EPERM;
    ::unlink(Path(name).c_str());
    return true;
  }
  // For each node: r, w, b (both), m, f (access(2) without any) or - in its place.
  std::string Allowed() const {
    std::string text;
    for (const Node& node : kNodes) {
      text += MayOpen(node, O_RDONLY) ? 'r' : '-';
      text += MayOpen(node, O_WRONLY) ? 'w' : '-';
      text += MayOpen(node, O_RDWR) ? 'b' : '-';
      text += MayMake(node) ? 'm' : '-';
      text += ::access(Path(node.name).c_str(), F_OK) == 0 ? 'f' : '-';
      text += ' ';
    }
    return text;
  }
  static std::string AllowedByModel(std::span<const DeviceRule> rules) {
    std::string text;
    for (const Node& node : kNodes) {
      const auto ask = [&](unsigned access, char letter) {
        const DeviceRequest request = {
            .type = node.type == S_IFBLK ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR,
            .major = node.major,
            .minor = node.minor,
            .access = static_cast<DeviceAccess>(access)};
        text += ModelAllows(rules, request) ? letter : '-';
      };
      ask(kDeviceRead, 'r');
      ask(kDeviceWrite, 'w');
      ask(kDeviceRead | kDeviceWrite, 'b');
      ask(kDeviceMknod, 'm');
      ask(0, 'f');
      text += ' ';
    }
    return text;
  }
  std::string AllowedIn(const Cgroup& cgroup) {
    return TellFrom(cgroup, [this] { return Allowed(); });
  }

  FakeTree nodes_{std::vector<FakeEntry>()};
};

void Set(const Cgroup& cgroup, const std::vector<DeviceRule>& rules) {
  const auto set = SetDeviceFilter(cgroup.fd(), rules);
  ASSERT_TRUE(set) << set.error().message();
}

// --- What other programs do, by the plain system call ---

int RawBpf(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

uint32_t CountPrograms(const Cgroup& cgroup) {
  std::array<uint32_t, 64> ids;
  bpf_attr attributes = {};
  attributes.query.target_fd = static_cast<uint32_t>(cgroup.fd());
  attributes.query.attach_type = BPF_CGROUP_DEVICE;
  attributes.query.prog_ids = reinterpret_cast<uintptr_t>(ids.data());
  attributes.query.prog_cnt = ids.size();
  EXPECT_EQ(RawBpf(BPF_PROG_QUERY, attributes), 0);
  return attributes.query.prog_cnt;
}

void AttachStranger(const Cgroup& cgroup, const std::vector<DeviceRule>& rules, uint32_t flags) {
  const auto code = CompileDeviceFilter(rules);
  bpf_attr load = {};
  load.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  load.insns = reinterpret_cast<uintptr_t>(code.data());
  load.insn_cnt = static_cast<uint32_t>(code.size());
  load.license = reinterpret_cast<uintptr_t>("");
  const UniqueFd program(RawBpf(BPF_PROG_LOAD, load));
  bpf_attr attach = {};
  attach.target_fd = static_cast<uint32_t>(cgroup.fd());
  attach.attach_type = BPF_CGROUP_DEVICE;
  attach.attach_bpf_fd = static_cast<uint32_t>(program.get());
  attach.attach_flags = flags;
  ASSERT_EQ(RawBpf(BPF_PROG_ATTACH, attach), 0);
}

// --- The tests ---

TEST_F(DeviceFilterTest, WithoutAFilterEverythingIsAllowed) {
  EXPECT_EQ(AllowedIn(Create("/free")), "rwbmf rwbmf rwbmf rwbmf rwbmf rwbmf ");
}

TEST_F(DeviceFilterTest, EveryAccessIsAllowedOrDenied) {
  const Cgroup cgroup = Create("/box");
  Set(cgroup, {{.allow = true, .type = kChar, .major = 1, .minor = 3},
               {.allow = true, .type = kChar, .major = 1, .minor = 5, .access = kDeviceRead},
               {.allow = true, .type = kChar, .major = 1, .minor = 7, .access = kDeviceWrite},
               {.allow = true, .type = kBlock, .major = 7, .access = kDeviceMknod}});
  EXPECT_EQ(AllowedIn(cgroup), "rwbmf r---f -w--f ----f ---mf ---mf ");
}

TEST_F(DeviceFilterTest, TheDefaultsLetNoDiskBeOpened) {
  const Cgroup cgroup = Create("/box");
  Set(cgroup, DefaultDeviceRules());
  EXPECT_EQ(AllowedIn(cgroup), "rwbmf rwbmf rwbmf rwbmf ---mf ---mf ");
}

TEST_F(DeviceFilterTest, TheKernelAnswersAsTheModelForManyLists) {
  constexpr uint32_t kNumbers[] = {0, 1, 3, 5, 7};
  std::mt19937 random(4'711);
  const Cgroup cgroup = Create("/box");
  for (size_t list = 0; list < 300; ++list) {
    const auto rules = RandomRules(random, list % 12, kNumbers);
    Set(cgroup, rules);
    ASSERT_EQ(AllowedIn(cgroup), AllowedByModel(rules)) << DescribeAll(rules);
  }
  EXPECT_EQ(CountPrograms(cgroup), 1U);
}

TEST_F(DeviceFilterTest, HoldsForCgroupsBelowWhichCanOnlyTakeAway) {
  const Cgroup parent = Create("/box");
  const Cgroup child = Create("/box/child");
  Set(parent, {{.allow = true, .type = kChar, .access = kDeviceRead}});
  EXPECT_EQ(AllowedIn(child), "r---f r---f r---f r---f ----f ----f ");
  Set(child, {{.allow = true}, {.allow = false, .major = 1, .minor = 3}});
  EXPECT_EQ(AllowedIn(child), "----f r---f r---f r---f ----f ----f ");
  EXPECT_EQ(AllowedIn(parent), "r---f r---f r---f r---f ----f ----f ");
}

TEST_F(DeviceFilterTest, AnotherProcessReplacesIt) {
  const Cgroup cgroup = Create("/box");
  Set(cgroup, {{.allow = true, .type = kBlock}});
  const Cgroup elsewhere = Create("/agent");
  EXPECT_EQ(RunIn(elsewhere,
                  [&] {
                    const std::vector<DeviceRule> rules = {{.allow = true, .type = kChar}};
                    return SetDeviceFilter(cgroup.fd(), rules) ? 0 : 1;
                  }),
            0);
  EXPECT_EQ(CountPrograms(cgroup), 1U);
  EXPECT_EQ(AllowedIn(cgroup), "rwbmf rwbmf rwbmf rwbmf ----f ----f ");
}

TEST_F(DeviceFilterTest, WhileItIsReplacedNeitherLessNorMoreIsAllowedThanByEither) {
  const Cgroup cgroup = Create("/box");
  const DeviceRule null = {.allow = true, .type = kChar, .major = 1, .minor = 3};
  const DeviceRule full = {.allow = true, .type = kChar, .major = 1, .minor = 7};
  Set(cgroup, {null});
  std::atomic<bool> done = false;
  std::thread replacer([&] {
    const std::vector<DeviceRule> two = {full, null};
    const std::vector<DeviceRule> one = {null};
    for (int i = 0; !done; ++i) static_cast<void>(SetDeviceFilter(cgroup.fd(), i % 2 ? one : two));
  });
  const int answer = RunIn(cgroup, [&] {
    int changes = 0;
    bool was_open = false;
    const auto late = steady_clock::now() + std::chrono::seconds(20);
    for (int i = 0; i < 30'000 || changes <= 10; ++i) {
      if (steady_clock::now() > late) return 3;
      if (!MayOpen(kNull, O_RDWR)) return 1;
      if (MayOpen(kZero, O_RDONLY)) return 2;
      const bool is_open = MayOpen(kNodes[2], O_RDONLY);
      if (is_open != was_open) ++changes;
      was_open = is_open;
    }
    return 0;
  });
  done = true;
  replacer.join();
  EXPECT_EQ(answer, 0) << "1: the old and the new allow it, 2: neither does, 3: sees no change";
  EXPECT_EQ(CountPrograms(cgroup), 1U);
}

TEST_F(DeviceFilterTest, FiltersThatStartedAtTheSameTimeBecomeOne) {
  const Cgroup cgroup = Create("/box");
  const std::vector<DeviceRule> null = {{.allow = true, .type = kChar, .major = 1, .minor = 3}};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) EXPECT_TRUE(SetDeviceFilter(cgroup.fd(), null));
    });
  }
  for (std::thread& thread : threads) thread.join();
  Set(cgroup, null);
  EXPECT_EQ(CountPrograms(cgroup), 1U);
  EXPECT_EQ(AllowedIn(cgroup), "rwbmf ----f ----f ----f ----f ----f ");
}

TEST_F(DeviceFilterTest, AStrangersFilterStaysInForce) {
  const Cgroup cgroup = Create("/box");
  AttachStranger(cgroup, {{.allow = true, .access = kDeviceRead}}, BPF_F_ALLOW_MULTI);
  Set(cgroup, {{.allow = true, .type = kBlock}});
  Set(cgroup, {{.allow = true, .type = kChar}});
  EXPECT_EQ(CountPrograms(cgroup), 2U);
  EXPECT_EQ(AllowedIn(cgroup), "r---f r---f r---f r---f ----f ----f ");
}

TEST_F(DeviceFilterTest, AFilterThatToleratesNoOtherIsNamed) {
  const Cgroup cgroup = Create("/box");
  AttachStranger(cgroup, {}, 0);
  const std::vector<DeviceRule> all = {{.allow = true}};
  const auto set = SetDeviceFilter(cgroup.fd(), all);
  ASSERT_FALSE(set);
  EXPECT_THAT(set.error().message(), HasSubstr("has a filter that tolerates no other"));
  EXPECT_EQ(AllowedIn(cgroup), "----f ----f ----f ----f ----f ----f ");
}

TEST_F(DeviceFilterTest, OnFailureTheOldRulesStay) {
  const Cgroup cgroup = Create("/box");
  Set(cgroup, {{.allow = true, .type = kBlock}});
  EXPECT_EQ(RunIn(Create("/nobody"),
                  [&] {
                    if (::setresuid(65534, 65534, 65534) != 0) return 1;
                    const std::vector<DeviceRule> all = {{.allow = true}};
                    const auto set = SetDeviceFilter(cgroup.fd(), all);
                    const auto supported = DeviceFilterSupported();
                    return !set && set.error().Is(EPERM) && !supported ? 0 : 2;
                  }),
            0);
  EXPECT_EQ(AllowedIn(cgroup), "----f ----f ----f ----f rwbmf rwbmf ");
}

TEST_F(DeviceFilterTest, NeedsNoLockedMemory) {
  const Cgroup cgroup = Create("/box");
  EXPECT_EQ(RunIn(cgroup,
                  [&] {
                    const rlimit none = {};
                    if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) return 1;
                    return SetDeviceFilter(cgroup.fd(), DefaultDeviceRules()) ? 0 : 2;
                  }),
            0);
}

TEST_F(DeviceFilterTest, AThousandDevicesAreNoTrouble) {
  const Cgroup cgroup = Create("/box");
  std::vector<DeviceRule> rules = DefaultDeviceRules();
  for (uint32_t i = 0; i < 1000; ++i) {
    rules.push_back({.allow = i % 3 != 0, .type = kBlock, .major = 8 + i % 50, .minor = i});
  }
  Set(cgroup, rules);
  EXPECT_EQ(AllowedIn(cgroup), AllowedByModel(rules));
}

TEST_F(DeviceFilterTest, TellsWhatTheVerifierSaid) {
  const std::vector<bpf_insn> code = {{.code = BPF_JMP | BPF_EXIT}};
  const auto program = LoadDeviceProgram(code);
  ASSERT_FALSE(program);
  EXPECT_THAT(program.error().message(),
              testing::MatchesRegex("load the device filter \\(1 instructions\\): .*; the verifier "
                                    "says: .*R0 !read_ok.*"));
}

TEST_F(DeviceFilterTest, WhatIsNoCgroupIsRefused) {
  const UniqueFd dir(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const auto set = SetDeviceFilter(dir.get(), {});
  ASSERT_FALSE(set);
  EXPECT_TRUE(set.error().Is(EBADF)) << set.error().message();
}

}  // namespace
}  // namespace berth::cgroups
