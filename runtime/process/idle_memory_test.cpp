#include "runtime/process/idle_memory.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::runtime {
namespace {

// Kilobytes of the process's memory that are mapped from files and unchanged.
size_t CleanKib(pid_t pid) {
  const std::string rollup = *ReadFile(fmt::format("/proc/{}/smaps_rollup", pid));
  size_t sum = 0;
  for (const char* field : {"Shared_Clean:", "Private_Clean:"}) {
    sum += std::strtoul(rollup.c_str() + rollup.find(field) + std::strlen(field), nullptr, 10);
  }
  return sum;
}

int Bound(const sockaddr_un& address) {
  const int socket = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket, 1), 0);
  return socket;
}

TEST(IdleMemory, WaitsWithoutTheProgramAndGoesOn) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  fmt::format("/tmp/berth-idle-{}", ::getpid()).copy(address.sun_path, 100);
  const Cleanup remove([&] { ::unlink(address.sun_path); });
  const UniqueFd listener(Bound(address));
  const size_t before = CleanKib(::getpid());
  const pid_t waiting = ::fork();
  if (waiting == 0) {
    const auto accepted = AcceptIdly(listener.get());
    ::_exit(accepted && ::write(accepted->get(), "x", 1) == 1 ? 0 : 1);
  }
  size_t idle = before;
  for (int i = 0; i < 1000 && idle > before / 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    idle = CleanKib(waiting);
  }
  EXPECT_LT(idle, before / 2);
  const UniqueFd starter(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(starter.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  char word = 0;
  EXPECT_EQ(::read(starter.get(), &word, 1), 1);
  int status = -1;
  ::waitpid(waiting, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(IdleMemory, TellsWhyItCanNotWait) {
  EXPECT_EQ(AcceptIdly(-1).error().message(), "accept: Bad file descriptor");
}

}  // namespace
}  // namespace berth::runtime
