#include "systemd/fake_manager.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/format.h"

namespace berth::systemd {
namespace {

struct Close {
  void operator()(sd_bus* bus) const { ::sd_bus_close_unref(bus); }
};
using ServedBus = std::unique_ptr<sd_bus, Close>;

std::string Describe(sd_bus_message* call) {
  const std::string signature = ::sd_bus_message_get_signature(call, 1);
  std::string text = fmt::format("{} {}", ::sd_bus_message_get_member(call), signature);
  const char* first = nullptr;
  if (signature.starts_with('s') && ::sd_bus_message_read(call, "s", &first) > 0) {
    text += fmt::format(" {}", first);
  }
  ::sd_bus_message_rewind(call, 1);
  return text;
}

ServedBus Accept(int listener) {
  const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  sd_bus* bus = nullptr;
  ::sd_bus_new(&bus);
  ::sd_bus_set_fd(bus, fd, fd);
  ::sd_bus_set_server(
      bus, 1, SD_ID128_MAKE(01, 02, 03, 04, 05, 06, 07, 08, 09, 0a, 0b, 0c, 0d, 0e, 0f, 10));
  ::sd_bus_start(bus);
  return ServedBus(bus);
}

int OnMessage(sd_bus_message* message, void* serve, sd_bus_error*) {
  (*static_cast<std::function<void(sd_bus_message*)>*>(serve))(message);
  return 1;
}

}  // namespace

FakeManager::FakeManager(std::map<std::string, Answer> answers)
    : answers_(std::move(answers)),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  // Bound to no name, it gets one of its own in the abstract namespace.
  sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = {}};
  (void)::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(sa_family_t));
  socklen_t size = sizeof name;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&name), &size);
  ::listen(listener_.get(), 1);
  address_ = fmt::format("unix:abstract={}",
                         std::string_view(name.sun_path + 1, size - sizeof(sa_family_t) - 1));
  thread_ = std::thread([this] { Serve(); });
}

FakeManager::~FakeManager() { Calls(); }

std::vector<std::string> FakeManager::Calls() {
  ::eventfd_write(stop_.get(), 1);
  if (thread_.joinable()) thread_.join();
  return calls_;
}

void FakeManager::Serve() {
  pollfd waits[] = {{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                    {.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  ::poll(waits, 2, -1);
  if (waits[1].revents != 0) return;
  const ServedBus bus = Accept(listener_.get());
  std::function<void(sd_bus_message*)> serve = [this](sd_bus_message* call) {
    if (::sd_bus_message_is_method_call(call, nullptr, nullptr) <= 0) return;
    calls_.push_back(Describe(call));
    const auto answer = answers_.find(::sd_bus_message_get_member(call));
    if (answer != answers_.end()) answer->second(call);
  };
  ::sd_bus_add_filter(bus.get(), nullptr, &OnMessage, &serve);
  while (true) {
    const int processed = ::sd_bus_process(bus.get(), nullptr);
    if (processed < 0) return;
    if (processed > 0) continue;
    waits[0].fd = ::sd_bus_get_fd(bus.get());
    waits[0].events = static_cast<short>(::sd_bus_get_events(bus.get()));
    ::poll(waits, 2, -1);
    if (waits[1].revents != 0) return;
  }
}

FakeManager::Answer AnswerJob(const char* result) {
  return [result](sd_bus_message* call) {
    static std::atomic<uint32_t> ids = 0;
    const uint32_t id = ++ids;
    const std::string job = fmt::format("/org/freedesktop/systemd1/job/{}", id);
    sd_bus* const bus = ::sd_bus_message_get_bus(call);
    const auto removed = [&](const std::string& path, uint32_t number, const char* how) {
      return ::sd_bus_emit_signal(bus, "/org/freedesktop/systemd1",
                                  "org.freedesktop.systemd1.Manager", "JobRemoved", "uoss", number,
                                  path.c_str(), "x.scope", how);
    };
    removed(job + "0", id * 10, "failed");  // somebody else's
    if (result != nullptr) removed(job, id, result);
    return ::sd_bus_reply_method_return(call, "o", job.c_str());
  };
}

FakeManager::Answer AnswerError(const char* name, const char* message) {
  return
      [=](sd_bus_message* call) { return ::sd_bus_reply_method_errorf(call, name, "%s", message); };
}

FakeManager::Answer AnswerNothing() {
  return [](sd_bus_message* call) { return ::sd_bus_reply_method_return(call, ""); };
}

FakeManager::Answer AnswerStringProperty(const char* value) {
  return
      [value](sd_bus_message* call) { return ::sd_bus_reply_method_return(call, "v", "s", value); };
}

FakeManager::Answer InTurn(std::vector<FakeManager::Answer> answers) {
  return [answers, next = size_t{0}](sd_bus_message* call) mutable {
    const size_t now = std::min(next++, answers.size() - 1);
    return answers[now](call);
  };
}

}  // namespace berth::systemd
