#include "runtime/process/capabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>

namespace berth::runtime {
namespace {

TEST(Capabilities, NamesStandForTheKernelsNumbers) {
  const auto bit = [](int number) { return CapabilitySet{1} << number; };
  EXPECT_EQ(*CapabilityBits({"CAP_CHOWN", "CAP_SYS_ADMIN"}), bit(CAP_CHOWN) | bit(CAP_SYS_ADMIN));
  EXPECT_EQ(*CapabilityBits({"CAP_SYS_RESOURCE"}), bit(CAP_SYS_RESOURCE));
  EXPECT_EQ(*CapabilityBits({"CAP_AUDIT_WRITE"}), bit(CAP_AUDIT_WRITE));
  EXPECT_EQ(*CapabilityBits({"CAP_CHECKPOINT_RESTORE"}), bit(CAP_LAST_CAP));
}

TEST(Capabilities, NamesComeBack) {
  const std::vector<std::string> names = {"CAP_KILL", "CAP_BPF"};
  EXPECT_EQ(CapabilityNames(*CapabilityBits(names)), names);
}

TEST(Capabilities, UnknownNamesAreRefused) {
  for (const char* name : {"", "CHOWN", "cap_chown", "CAP_CHOWN ", "CAP_EVERYTHING"}) {
    EXPECT_FALSE(CapabilityBits({name})) << name;
  }
}

}  // namespace
}  // namespace berth::runtime
