#include "systemd/message.h"

#include "systemd/libsystemd.h"

namespace berth::systemd {
namespace {

// Writes each kind of value as a variant; negative answers are errors, as everywhere in sd-bus.
class VariantWriter {
 public:
  VariantWriter(const LibSystemd& lib, sd_bus_message* message) : lib_(lib), message_(message) {}

  int operator()(uint64_t number) { return lib_.sd_bus_message_append(message_, "v", "t", number); }
  int operator()(int64_t number) { return lib_.sd_bus_message_append(message_, "v", "x", number); }
  int operator()(uint32_t number) { return lib_.sd_bus_message_append(message_, "v", "u", number); }
  int operator()(int32_t number) { return lib_.sd_bus_message_append(message_, "v", "i", number); }
  int operator()(bool value) {
    return lib_.sd_bus_message_append(message_, "v", "b", static_cast<int>(value));
  }
  int operator()(const std::string& text) {
    return lib_.sd_bus_message_append(message_, "v", "s", text.c_str());
  }
  int operator()(const std::vector<uint32_t>& numbers) {
    return InVariant("au", [&] {
      return lib_.sd_bus_message_append_array(message_, 'u', numbers.data(),
                                              numbers.size() * sizeof(uint32_t));
    });
  }
  int operator()(const std::vector<uint8_t>& bytes) {
    return InVariant("ay", [&] {
      return lib_.sd_bus_message_append_array(message_, 'y', bytes.data(), bytes.size());
    });
  }
  int operator()(const std::vector<DeviceValue>& devices) {
    return InVariant("a(st)", [&] {
      return InArray("(st)", devices, [&](const DeviceValue& device) {
        return lib_.sd_bus_message_append(message_, "(st)", device.path.c_str(), device.value);
      });
    });
  }
  int operator()(const std::vector<std::string>& texts) {
    return InVariant("as", [&] {
      return InArray("s", texts, [&](const std::string& text) {
        return lib_.sd_bus_message_append_basic(message_, 's', text.c_str());
      });
    });
  }

 private:
  template <typename Write>
  int InVariant(const char* signature, Write write) {
    if (const int r = lib_.sd_bus_message_open_container(message_, 'v', signature); r < 0) return r;
    if (const int r = write(); r < 0) return r;
    return lib_.sd_bus_message_close_container(message_);
  }
  template <typename Element, typename Write>
  int InArray(const char* signature, const std::vector<Element>& elements, Write write) {
    if (const int r = lib_.sd_bus_message_open_container(message_, 'a', signature); r < 0) return r;
    for (const Element& element : elements) {
      if (const int r = write(element); r < 0) return r;
    }
    return lib_.sd_bus_message_close_container(message_);
  }

  const LibSystemd& lib_;
  sd_bus_message* message_;
};

Result<void> Check(int r, const char* member, std::string_view what) {
  if (r >= 0) return {};
  return Error(fmt::format("systemd: {}: {}: {}", member, what, ErrnoMessage(-r)), -r);
}

}  // namespace

void Message::Release::operator()(sd_bus_message* message) const {
  lib->sd_bus_message_unref(message);
}

Result<void> Message::AddString(const std::string& text) {
  return Check(lib().sd_bus_message_append_basic(get(), 's', text.c_str()), member_, text);
}

Result<void> Message::AddBool(bool value) {
  const int as_int = value;
  return Check(lib().sd_bus_message_append_basic(get(), 'b', &as_int), member_, "a boolean");
}

Result<void> Message::AddProperty(const UnitProperty& property) {
  const auto add = [&](int r) { return Check(r, member_, property.name); };
  TRY(add(lib().sd_bus_message_open_container(get(), 'r', "sv")));
  TRY(add(lib().sd_bus_message_append_basic(get(), 's', property.name.c_str())));
  TRY(add(std::visit(VariantWriter(lib(), get()), property.value)));
  return add(lib().sd_bus_message_close_container(get()));
}

Result<void> Message::AddProperties(std::span<const UnitProperty> properties) {
  const auto add = [&](int r) { return Check(r, member_, "properties"); };
  TRY(add(lib().sd_bus_message_open_container(get(), 'a', "(sv)")));
  for (const UnitProperty& property : properties) TRY(AddProperty(property));
  return add(lib().sd_bus_message_close_container(get()));
}

Result<void> Message::AddNoUnits() {
  return Check(lib().sd_bus_message_append(get(), "a(sa(sv))", 0), member_, "no other units");
}

Result<std::string> Message::ReadPath() {
  const char* path = nullptr;
  TRY(Check(lib().sd_bus_message_read(get(), "o", &path), member_, "read the answer"));
  return std::string(path);
}

}  // namespace berth::systemd
