// Message: a D-Bus message being written or read.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "systemd/unit_property.h"

struct sd_bus_message;

namespace berth::systemd {

struct LibSystemd;

class Message {
 public:
  /// Takes over a reference.
  Message(const LibSystemd& lib, const char* member, sd_bus_message* message)
      : message_(message, Release{&lib}), member_(member) {}

  /// Arguments of a call, in the order of its signature.
  Result<void> AddString(const std::string& text);
  Result<void> AddBool(bool value);
  /// As `a(sv)`.
  Result<void> AddProperties(std::span<const UnitProperty> properties);
  /// The last argument of StartTransientUnit, `a(sa(sv))`: no units beside the one.
  Result<void> AddNoUnits();

  /// The one object path that an answer consists of.
  Result<std::string> ReadPath();

  /// The name of the method.
  const char* member() const { return member_; }
  sd_bus_message* get() const { return message_.get(); }

 private:
  struct Release {
    const LibSystemd* lib;
    void operator()(sd_bus_message* message) const;
  };
  const LibSystemd& lib() const { return *message_.get_deleter().lib; }
  Result<void> AddProperty(const UnitProperty& property);

  std::unique_ptr<sd_bus_message, Release> message_;
  const char* member_;
};

}  // namespace berth::systemd
