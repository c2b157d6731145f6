#include "systemd/journal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>

#include <cstring>

#include "base/files.h"
#include "base/format.h"
#include "base/sys.h"

namespace berth::systemd {
namespace {

// The journal's end of its socket.
class JournalTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(dir_.data()), nullptr);
    path_ = dir_ + "/socket";
  }
  void TearDown() override { EXPECT_TRUE(sys::RemoveTree(dir_)); }

  void Listen() {
    socket_.Reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(address.sun_path, path_.data(), path_.size());
    ASSERT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
  }

  // One datagram's text, and the file that came with it, if any.
  struct Datagram {
    std::string text;
    UniqueFd file;
  };
  Datagram Receive() {
    std::string text(64 << 10, '\0');
    iovec data = {.iov_base = text.data(), .iov_len = text.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr header = {};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    if (size < 0) return {.text = "nothing", .file = {}};
    Datagram datagram = {.text = text.substr(0, static_cast<size_t>(size)), .file = {}};
    if (const cmsghdr* rights = CMSG_FIRSTHDR(&header); rights != nullptr) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
      datagram.file.Reset(fd);
    }
    return datagram;
  }

  std::string dir_ = testing::TempDir() + "berth-journal-XXXXXX";
  std::string path_;
  UniqueFd socket_;
};

TEST_F(JournalTest, SendsPriorityMessageAndFields) {
  Listen();
  const auto journal = Journal::Connect(path_);
  ASSERT_TRUE(journal);
  journal->Send(LOG_WARNING, "disk is full", {{"BERTH_TASK_ID", "0a1b"}, {"UNIT2", "a=b"}});
  EXPECT_EQ(Receive().text, "PRIORITY=4\nMESSAGE=disk is full\nBERTH_TASK_ID=0a1b\nUNIT2=a=b\n");
}

TEST_F(JournalTest, WritesTheLengthOfValuesWithLineBreaks) {
  Listen();
  Journal::Connect(path_)->Send(LOG_INFO, "one\ntwo", {{"EMPTY", ""}});
  using namespace std::string_literals;
  EXPECT_EQ(Receive().text, "PRIORITY=6\nMESSAGE\n\x07\0\0\0\0\0\0\0one\ntwo\nEMPTY=\n"s);
}

TEST_F(JournalTest, LeavesOutFieldsThatTheJournalWouldNotTake) {
  Listen();
  const std::string long_name(65, 'A');
  Journal::Connect(path_)->Send(
      LOG_INFO, "m",
      {{"", "1"}, {"_PID", "2"}, {"lower", "3"}, {"A\nB", "4"}, {"1A", "5"}, {long_name, "6"}});
  EXPECT_EQ(Receive().text, "PRIORITY=6\nMESSAGE=m\n");
}

TEST_F(JournalTest, SendsALargeMessageAsASealedFile) {
  Listen();
  const std::string large(4 << 20, 'x');
  Journal::Connect(path_)->Send(LOG_INFO, large, {{"LAST", "1"}});
  const Datagram datagram = Receive();
  EXPECT_EQ(datagram.text, "");
  ASSERT_TRUE(datagram.file);
  EXPECT_EQ(::fcntl(datagram.file.get(), F_GET_SEALS),
            F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  ASSERT_EQ(::lseek(datagram.file.get(), 0, SEEK_SET), 0);
  const auto content = ReadAll(datagram.file.get());
  ASSERT_TRUE(content);
  EXPECT_TRUE(*content == "PRIORITY=6\nMESSAGE=" + large + "\nLAST=1\n") << content->size();
}

TEST_F(JournalTest, FindsAJournalThatStartsAnew) {
  Listen();
  const auto journal = Journal::Connect(path_);
  ASSERT_TRUE(sys::Unlink(path_));
  journal->Send(LOG_INFO, "lost");
  Listen();
  journal->Send(LOG_INFO, "found");
  EXPECT_EQ(Receive().text, "PRIORITY=6\nMESSAGE=found\n");
}

TEST_F(JournalTest, IsNotThereWhereNobodyListens) {
  EXPECT_FALSE(Journal::Connect(path_));
  EXPECT_FALSE(Journal::Connect(std::string(200, 'x')));
  Listen();
  socket_.Reset();
  EXPECT_FALSE(Journal::Connect(path_));
}

TEST_F(JournalTest, KnowsItsStreamByDeviceAndInode) {
  const auto pipe = sys::Pipe();
  ASSERT_TRUE(pipe);
  struct stat info;
  ASSERT_EQ(::fstat(pipe->second.get(), &info), 0);
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", info.st_dev, info.st_ino).c_str(), 1);
  EXPECT_TRUE(IsJournalStream(pipe->second.get()));
  ::setenv("JOURNAL_STREAM", fmt::format("{}:{}", info.st_dev, info.st_ino + 1).c_str(), 1);
  EXPECT_FALSE(IsJournalStream(pipe->second.get()));
  ::unsetenv("JOURNAL_STREAM");
  EXPECT_FALSE(IsJournalStream(pipe->second.get()));
}

}  // namespace
}  // namespace berth::systemd
