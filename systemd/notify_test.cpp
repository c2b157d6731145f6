#include "systemd/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"

namespace berth::systemd {
namespace {

// A service manager's socket in the abstract namespace; '@' stands for its NUL.
class Manager {
 public:
  Manager() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    name_ = "@berth-notify-test-" + std::to_string(::getpid());
    sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
  }

  const std::string& name() const { return name_; }
  std::string Heard() {
    char buffer[256];
    const ssize_t size = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    return size < 0 ? "nothing" : std::string(buffer, static_cast<size_t>(size));
  }

 private:
  UniqueFd socket_;
  std::string name_;
};

TEST(Notify, TellsTheServiceManager) {
  Manager manager;
  ::setenv("NOTIFY_SOCKET", manager.name().c_str(), 1);
  Notify("READY=1");
  EXPECT_EQ(manager.Heard(), "READY=1");
  EXPECT_EQ(manager.Heard(), "nothing");
  ::unsetenv("NOTIFY_SOCKET");
}

TEST(Notify, SaysNothingWhereNobodyListens) {
  Manager manager;
  ::unsetenv("NOTIFY_SOCKET");
  Notify("READY=1");
  for (const std::string& path : {std::string(), std::string("x"), std::string(200, 'x'),
                                  std::string("/nonexistent/socket")}) {
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    Notify("READY=1");
  }
  ::unsetenv("NOTIFY_SOCKET");
  EXPECT_EQ(manager.Heard(), "nothing");
}

}  // namespace
}  // namespace berth::systemd
