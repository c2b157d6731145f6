// On a host that systemd runs: that the journal keeps what we send.
#include <gtest/gtest.h>
#include <syslog.h>
#include <unistd.h>

#include "base/process.h"
#include "base/text.h"
#include "systemd/host.h"
#include "systemd/journal.h"

namespace berth::systemd {
namespace {

class JournalHostTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Booted() && ::geteuid() == 0) journal_ = Journal::Connect();
    if (!journal_) GTEST_SKIP() << "needs root on a host with a journal";
  }
  // A field of the one message with our id; waits a while until it is there.
  std::string Field(const std::string& field) const {
    for (int i = 0; i < 100; ++i) {
      auto shown =
          RunCommand({.argv = {"/bin/sh", "-c",
                               "journalctl --all --quiet --output=cat --output-fields=" + field +
                                   " BERTH_TEST_ID=" + id_}});
      EXPECT_TRUE(shown) << shown.error().message();
      if (!shown->out.empty()) return std::string(Trim(shown->out));
      ::usleep(20'000);
    }
    return "nothing";
  }

  const std::string id_ = RandomHex(8);
  std::optional<Journal> journal_;
};

TEST_F(JournalHostTest, KeepsMessageAndFields) {
  journal_->Send(LOG_NOTICE, "first line\nsecond line",
                 {{"BERTH_TEST_ID", id_}, {"SYSLOG_IDENTIFIER", "berth-test"}});
  EXPECT_EQ(Field("MESSAGE"), "first line\nsecond line");
  EXPECT_EQ(Field("PRIORITY"), "5");
  EXPECT_EQ(Field("SYSLOG_IDENTIFIER"), "berth-test");
}

TEST_F(JournalHostTest, KeepsALargeMessage) {
  const std::string large(500'000, 'x');
  journal_->Send(LOG_INFO, large, {{"BERTH_TEST_ID", id_}});
  EXPECT_TRUE(Field("MESSAGE") == large);
}

}  // namespace
}  // namespace berth::systemd
