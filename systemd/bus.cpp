#include "systemd/bus.h"

#include <unistd.h>

#include <cstdlib>

#include "systemd/libsystemd.h"

namespace berth::systemd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kManager = "org.freedesktop.systemd1";
constexpr const char* kPrivateSocket = "unix:path=/run/systemd/private";

uint64_t Microseconds(Clock::duration time) {
  return static_cast<uint64_t>(
      std::chrono::ceil<std::chrono::microseconds>(std::max(time, Clock::duration::zero()))
          .count());
}

// Frees itself; libsystemd knows only the names of D-Bus's own errors as errnos.
class CallError {
 public:
  explicit CallError(const LibSystemd& lib) : lib_(lib) {}
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;
  ~CallError() { lib_.sd_bus_error_free(&error_); }

  sd_bus_error* get() { return &error_; }
  // What became of a call that answered `r`.
  Error Told(int r, std::chrono::milliseconds timeout) const {
    const int code = Code(r);
    if (code == ETIMEDOUT) return Error(fmt::format("no answer within {}", Seconds(timeout)), code);
    if (error_.message != nullptr) return Error(error_.message, code);
    return Error(ErrnoMessage(code), code);
  }

 private:
  int Code(int r) const {
    const std::string_view name = error_.name == nullptr ? "" : error_.name;
    if (name == "org.freedesktop.systemd1.UnitExists") return EEXIST;
    if (name == "org.freedesktop.systemd1.NoSuchUnit") return ENOENT;
    return name.empty() ? -r : lib_.sd_bus_error_get_errno(&error_);
  }

  const LibSystemd& lib_;
  sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

Error Failed(int r, std::string_view what) {
  return Error(fmt::format("{}: {}", what, ErrnoMessage(-r)), -r);
}

// As D-Bus has values in addresses (D-Bus specification, "Server Addresses").
std::string AddressValue(const std::string& path) {
  std::string value;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_/.\\").find(c) != std::string_view::npos;
    value += plain ? std::string(1, c) : fmt::format("%{:02x}", static_cast<unsigned char>(c));
  }
  return value;
}

}  // namespace

std::string Seconds(std::chrono::milliseconds time) {
  return fmt::format("{:g} s", std::chrono::duration<double>(time).count());
}

void Bus::Close::operator()(sd_bus* bus) const { lib->sd_bus_close_unref(bus); }

Result<Bus> Bus::System(std::chrono::milliseconds timeout) {
  const LibSystemd& lib = *TRY(TheLibSystemd());
  sd_bus* opened = nullptr;
  const int r = lib.sd_bus_open_system(&opened);
  if (r >= 0) {
    Bus bus(lib, opened, timeout);
    TRY(bus.GetReady().Context("connect to the system bus"));
    return bus;
  }
  // Nobody listens there: the manager's own socket is what systemctl uses then.
  if (::geteuid() == 0) {
    if (auto bus = Direct(kPrivateSocket, timeout)) return bus;
  }
  return Failed(r, "connect to the system bus (is this host run by systemd, with D-Bus?)");
}

Result<Bus> Bus::User(std::chrono::milliseconds timeout) {
  const LibSystemd& lib = *TRY(TheLibSystemd());
  sd_bus* opened = nullptr;
  const int r = lib.sd_bus_open_user(&opened);
  if (r >= 0) {
    Bus bus(lib, opened, timeout);
    TRY(bus.GetReady().Context("connect to the user's bus"));
    return bus;
  }
  const std::string socket = UserRuntimeDir() + "/systemd/private";
  if (auto bus = Direct("unix:path=" + AddressValue(socket), timeout)) return bus;
  return Failed(r,
                fmt::format("connect to the user's bus or to {} (does systemd run for this user, "
                            "and is XDG_RUNTIME_DIR set?)",
                            socket));
}

Result<Bus> Bus::Of(Instance instance, std::chrono::milliseconds timeout) {
  return instance == Instance::kUser ? User(timeout) : System(timeout);
}

Result<Bus> Bus::Direct(const std::string& address, std::chrono::milliseconds timeout) {
  const LibSystemd& lib = *TRY(TheLibSystemd());
  const std::string what = "connect to systemd at " + address;
  sd_bus* made = nullptr;
  if (const int r = lib.sd_bus_new(&made); r < 0) return Failed(r, what);
  Bus bus(lib, made, timeout);
  if (const int r = lib.sd_bus_set_address(bus.get(), address.c_str()); r < 0) {
    return Failed(r, what);
  }
  if (const int r = lib.sd_bus_start(bus.get()); r < 0) return Failed(r, what);
  TRY(bus.GetReady().Context("{}", what));
  return bus;
}

// Until it is authenticated a connection heeds a time-out of the library's own.
Result<void> Bus::GetReady() {
  const Clock::time_point deadline = Clock::now() + timeout_;
  if (const int r = lib().sd_bus_set_method_call_timeout(get(), Microseconds(timeout_)); r < 0) {
    return Failed(r, "set the time-out");
  }
  while (true) {
    const int processed = lib().sd_bus_process(get(), nullptr);
    if (processed < 0) return Failed(processed, "be authenticated");
    if (const int ready = lib().sd_bus_is_ready(get()); ready < 0) {
      return Failed(ready, "be authenticated");
    } else if (ready > 0) {
      return {};
    }
    if (processed > 0) continue;
    const auto left = deadline - Clock::now();
    if (left <= Clock::duration::zero()) {
      return Error(fmt::format("no answer within {}", Seconds(timeout_)), ETIMEDOUT);
    }
    const int waited = lib().sd_bus_wait(get(), Microseconds(left));
    if (waited < 0 && waited != -EINTR) return Failed(waited, "wait");
  }
}

Result<Message> Bus::NewCall(const char* member, const ManagerObject& object) {
  sd_bus_message* message = nullptr;
  const int r = lib().sd_bus_message_new_method_call(get(), &message, kManager, object.path.c_str(),
                                                     object.interface, member);
  if (r < 0) return Failed(r, fmt::format("systemd: {}", member));
  return Message(lib(), member, message);
}

Result<Message> Bus::Call(const Message& call, std::string_view unit) {
  CallError error(lib());
  sd_bus_message* answer = nullptr;
  const int r = lib().sd_bus_call(get(), call.get(), Microseconds(timeout_), error.get(), &answer);
  if (r < 0) {
    return error.Told(r, timeout_).WithContext(fmt::format("systemd: {} {}", call.member(), unit));
  }
  return Message(lib(), call.member(), answer);
}

Result<std::string> Bus::GetString(const char* property, const ManagerObject& object) {
  CallError error(lib());
  char* value = nullptr;
  const int r = lib().sd_bus_get_property_string(get(), kManager, object.path.c_str(),
                                                 object.interface, property, error.get(), &value);
  if (r < 0) {
    return error.Told(r, timeout_)
        .WithContext(fmt::format("systemd: {} of {}", property, object.path));
  }
  const std::unique_ptr<char, decltype(&::free)> owner(value, &::free);
  return std::string(value);
}

}  // namespace berth::systemd
