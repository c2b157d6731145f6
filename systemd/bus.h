// Bus: a connection to a systemd manager over D-Bus.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "systemd/instance.h"
#include "systemd/message.h"

struct sd_bus;

namespace berth::systemd {

struct LibSystemd;

/// Where the manager itself answers, and in which part of it.
struct ManagerObject {
  std::string path = "/org/freedesktop/systemd1";
  const char* interface = "org.freedesktop.systemd1.Manager";
};

/// For one thread at a time, in the process that opened it. Everything asked of it is answered or
/// has failed with ETIMEDOUT after `timeout`, and failures name the method and the unit. Once the
/// connection is lost everything fails (ENOTCONN, ECONNRESET): open another.
class Bus {
 public:
  static constexpr std::chrono::milliseconds kTimeout = std::chrono::seconds(30);

  /// The host's manager: by way of the system bus, or of the manager's own socket on hosts that run
  /// no D-Bus daemon (root only).
  static Result<Bus> System(std::chrono::milliseconds timeout = kTimeout);
  /// The manager of the user who calls (`systemd --user`): by way of the user's bus
  /// (DBUS_SESSION_BUS_ADDRESS, $XDG_RUNTIME_DIR/bus), or of the manager's own socket where there
  /// is none.
  static Result<Bus> User(std::chrono::milliseconds timeout = kTimeout);
  /// One of these two.
  static Result<Bus> Of(Instance instance, std::chrono::milliseconds timeout = kTimeout);
  /// A manager that answers at a D-Bus address itself, such as "unix:path=/run/systemd/private".
  static Result<Bus> Direct(const std::string& address,
                            std::chrono::milliseconds timeout = kTimeout);

  /// A call of a method, still without arguments.
  Result<Message> NewCall(const char* member, const ManagerObject& object = {});
  /// Sends it and waits for the answer. `unit` is what it is about. The failures that callers tell
  /// apart have codes: EEXIST for UnitExists, ENOENT for NoSuchUnit, ETIMEDOUT.
  Result<Message> Call(const Message& call, std::string_view unit);
  /// A property that is a string; of the manager itself unless another object is given.
  Result<std::string> GetString(const char* property, const ManagerObject& object = {});

  std::chrono::milliseconds timeout() const { return timeout_; }
  sd_bus* get() const { return bus_.get(); }
  const LibSystemd& lib() const { return *bus_.get_deleter().lib; }

 private:
  struct Close {
    const LibSystemd* lib;
    void operator()(sd_bus* bus) const;
  };

  Bus(const LibSystemd& lib, sd_bus* bus, std::chrono::milliseconds timeout)
      : bus_(bus, Close{&lib}), timeout_(timeout) {}
  Result<void> GetReady();

  std::unique_ptr<sd_bus, Close> bus_;
  std::chrono::milliseconds timeout_;
};

/// As an error says it: "30 s", "0.2 s".
std::string Seconds(std::chrono::milliseconds time);

}  // namespace berth::systemd
