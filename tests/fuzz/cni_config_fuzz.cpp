// What a container runtime hands to berth-cni: the first line is CNI_ARGS, the rest the network's
// document. What is refused has a word for it; what is read can be attached and told of. And the
// plugin's own records, which are read as they were written.
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "net/cni/config.h"
#include "net/cni/record.h"
#include "net/cni/result.h"
#include "tests/fuzz/target.h"

namespace {

namespace cni = berth::net::cni;

void CheckConfig(const cni::NetworkConfig& config, const berth::Json& document) {
  Expect(cni::IsCniName(config.header.name), "a network's name", config.header.name);
  Expect(!config.subnets.empty(), "no subnet", config.header.name);
  for (const berth::net::SecurityGroup& group : config.securityGroups) {
    Expect(berth::net::CheckGroup(group).has_value(), "a group", group.id);
  }
  for (const berth::net::PublishedPort& port : config.ports) {
    Expect(port.hostPort != 0 && port.containerPort != 0, "a port", "is 0");
  }
  const cni::Made made = {.attachment = {.id = "cni-a", .subnet = config.subnets.front()}};
  if (const auto result = cni::FormatResult(config, document, made)) {
    Expect(berth::ParseJson(*result).has_value(), "a result", *result);
  }
}

void CheckRecord(std::string_view text) {
  const auto record = cni::ParseRecord(text);
  if (!record) return;
  const std::string written = cni::FormatRecord(*record);
  const auto again = cni::ParseRecord(written);
  Expect(again && *again == *record, "a record", written);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = Text(data, size);
  CheckRecord(text);
  const std::string args(Next(text, '\n'));
  const auto document = berth::ParseJson(text);
  if (!document) return 0;
  const auto config = cni::ReadConfig(*document, args);
  if (config) {
    CheckConfig(*config, *document);
  } else {
    Expect(!config.error().msg.empty(), "refused without a word", text);
  }
  static_cast<void>(cni::ReadValidAttachments(*document).has_value());
  return 0;
}
