#include "agent/endpoints/audit_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/files.h"

namespace berth::agent::endpoints {
namespace {

class AuditLogTest : public testing::Test {
 protected:
  AuditLogTest() {
    char path[] = "/tmp/berth-audit-test-XXXXXX";
    directory_ = ::mkdtemp(path);
    path_ = directory_ + "/audit.log";
  }
  ~AuditLogTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_, path_;
};

TEST_F(AuditLogTest, WhatIsNotKnownIsADash) {
  EXPECT_EQ(FormatAuditEntry({.time = {}, .status = 400, .event = "GetCredentials"}),
            "1970-01-01T00:00:00Z 400 - \"\" \"\" - GetCredentials 2 - -\n");
}

TEST_F(AuditLogTest, AClientCanNotForgeLines) {
  const std::string line = FormatAuditEntry(
      {.user_agent = "a\" 200\nforged\x7f\\" + std::string(1000, 'x'), .event = "GetCredentials"});
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_NE(line.find("\"a? 200?forged??x"), std::string::npos);
  EXPECT_LT(line.size(), 400);
}

TEST_F(AuditLogTest, AppendsToWhatIsThereForItsOwnerAlone) {
  for (int i = 0; i < 2; ++i) {
    auto log = AuditLog::Open({.path = path_});
    ASSERT_TRUE(log);
    log->Write({.event = "E"});
  }
  const std::string line = FormatAuditEntry({.event = "E"});
  EXPECT_EQ(*ReadFile(path_), line + line);
  EXPECT_EQ(std::filesystem::status(path_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AuditLogTest, KeepsAsManyFilesAsItMay) {
  const std::string line = FormatAuditEntry({.event = "E"});
  auto log = AuditLog::Open({.path = path_, .max_size = 2 * line.size(), .max_files = 2});
  ASSERT_TRUE(log);
  for (int i = 0; i < 7; ++i) log->Write({.event = "E"});
  EXPECT_EQ(ReadFile(path_)->size(), line.size());
  EXPECT_EQ(ReadFile(path_ + ".1")->size(), 2 * line.size());
  EXPECT_FALSE(Exists(path_ + ".2"));
}

TEST_F(AuditLogTest, OneFileStartsAnew) {
  const std::string line = FormatAuditEntry({.event = "E"});
  auto log = AuditLog::Open({.path = path_, .max_size = line.size(), .max_files = 1});
  ASSERT_TRUE(log);
  for (int i = 0; i < 3; ++i) log->Write({.event = "E"});
  EXPECT_EQ(*ReadFile(path_), line);
}

TEST_F(AuditLogTest, WithoutAPathNothingIsWritten) {
  auto log = AuditLog::Open({});
  ASSERT_TRUE(log);
  log->Write({.event = "E"});
  EXPECT_FALSE(AuditLog::Open({.path = directory_ + "/none/audit.log"}));
}

}  // namespace
}  // namespace berth::agent::endpoints
