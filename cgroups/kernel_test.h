// The fixture of tests on the host's own cgroup2, in cgroups named berth-test-*.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <string>

#include "base/pidfd.h"
#include "cgroups/cgroup.h"

namespace berth::cgroups {

/// Skips the test without root and a writable cgroup2. Whatever the test leaves in its cgroups is
/// killed and removed after it.
class KernelTest : public testing::Test {
 protected:
  KernelTest();
  void SetUp() override;
  void TearDown() override;

  /// A cgroup of this test's; `below` is empty or begins with a slash.
  Cgroup Create(const std::string& below);
  /// Starts a shell in the cgroup. It ends with the cgroup at the latest.
  Pidfd& Start(const Cgroup& cgroup, const std::string& script);
  /// Runs `work` in a child that is born in the cgroup, and gives what it returned (0 to 127).
  int RunIn(const Cgroup& cgroup, const std::function<int()>& work);
  /// The same, for text.
  std::string TellFrom(const Cgroup& cgroup, const std::function<std::string()>& work);

  const std::string name_;
  Hierarchy hierarchy_;
  std::list<Pidfd> started_;
};

/// Skips the test on hosts whose cgroup2 lacks a controller of those that limits need.
class ControllersTest : public KernelTest {
 protected:
  void SetUp() override;
};

}  // namespace berth::cgroups
