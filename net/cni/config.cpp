#include "net/cni/config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_reader.h"
#include "base/text.h"
#include "net/cni/config_groups.h"
#include "net/cni/config_subnets.h"
#include "net/cni/runtime_config.h"

namespace berth::net::cni {
namespace {

// What a network's document may have. The runtime's own fields are among them.
constexpr std::array kKnownFields = {
    // of every plugin
    "cniVersion", "cniVersions", "name", "type", "args", "capabilities", "dns", "ipMasq",
    "runtimeConfig", "prevResult", "cni.dev/valid-attachments", "cni.dev/attachments",
    // ours
    "subnets", "mtu", "routes", "securityGroups", "prefixLists"};

tl::unexpected<Failure> Unsupported(std::string_view key, const Json& value, std::string_view why) {
  return Fail(Code::kUnsupportedField, fmt::format("{}: {} {}", key, DumpJson(value), why));
}

bool IsEmpty(const Json& value) {
  return value.is_null() || (value.is_structured() && value.empty());
}

Answer<void> RefuseUnknownFields(const Json& document) {
  for (auto field = document.begin(); field != document.end(); ++field) {
    const bool known =
        std::find(kKnownFields.begin(), kKnownFields.end(), field.key()) != kKnownFields.end();
    if (known || IsEmpty(field.value())) continue;
    if (field.key() == "ipam") {
      return Unsupported("ipam", field.value(),
                         "is not supported: addresses come from this network's subnets");
    }
    return Unsupported(field.key(), field.value(), "is not a field of berth-cni");
  }
  return {};
}

/// A field of an object; null if it is absent.
const Json& FieldOf(const Json& document, const char* name) {
  static const Json null;
  const auto field = document.find(name);
  return field != document.end() ? *field : null;
}

std::string Text(const Json& document, const char* name) {
  const auto field = document.find(name);
  if (field == document.end() || !field->is_string()) return "";
  return field->get<std::string>();
}

/// The fields of the network itself.
struct NetworkFields {
  std::vector<SubnetFields> subnets;
  int mtu = 0;
  bool ipMasq = true;
  std::vector<RouteFields> routes;
  Dns dns;
};

void Read(const JsonReader& in, NetworkFields& out) {
  in.Require("subnets", out.subnets);
  if (const auto mtu = in.Find("mtu")) out.mtu = static_cast<int>(mtu->Integer(0, 65535));
  in.Read("ipMasq", out.ipMasq);
  in.Read("routes", out.routes);
  if (const auto dns = in.Find("dns")) {
    dns->Read("nameservers", out.dns.nameservers);
    dns->Read("domain", out.dns.domain);
    dns->Read("search", out.dns.search);
    dns->Read("options", out.dns.options);
    dns->RefuseOtherFields();
  }
}

}  // namespace

Answer<NetworkHeader> ReadHeader(const Json& document) {
  if (!document.is_object()) return Fail(Code::kInvalidConfig, "must be a JSON object");
  NetworkHeader header = {.cniVersion = Text(document, "cniVersion"),
                          .name = Text(document, "name")};
  const auto& versions = SupportedVersions();
  if (std::find(versions.begin(), versions.end(), header.cniVersion) == versions.end()) {
    return Fail(Code::kIncompatibleVersion,
                fmt::format("cniVersion: {} is not supported; {} are", QuoteJson(header.cniVersion),
                            Join(versions, ", ")));
  }
  if (!IsCniName(header.name)) {
    return Fail(Code::kInvalidConfig,
                fmt::format("name: must be a letter or digit, then letters, digits, '_', '.' and "
                            "'-', not {}",
                            QuoteJson(header.name)));
  }
  return header;
}

Answer<NetworkConfig> ReadConfig(const Json& document, const std::string& cni_args) {
  NetworkConfig config = {.header = TRY_ANSWER(ReadHeader(document))};
  TRY_ANSWER(RefuseUnknownFields(document));
  JsonProblems problems;
  NetworkFields fields;
  RuntimeFields runtime;
  const JsonReader in(document, problems);
  Read(in, fields);
  ReadRuntimeFields(in, runtime);
  TRY_OR(Code::kInvalidConfig, problems.Check());
  config.subnets = TRY_OR(
      Code::kInvalidConfig,
      ToSubnets(fields.subnets,
                {.name = config.header.name, .mtu = fields.mtu, .masquerade = fields.ipMasq}));
  config.routes = TRY_OR(Code::kInvalidConfig, ToRoutes(fields.routes));
  config.dns = std::move(fields.dns);
  config.securityGroups =
      TRY_OR(Code::kInvalidConfig,
             ReadGroups(FieldOf(document, "securityGroups"), FieldOf(document, "prefixLists")));
  TRY_ANSWER(ApplyRuntimeFields(document, runtime, cni_args, config));
  return config;
}

Answer<std::vector<ValidAttachment>> ReadValidAttachments(const Json& document) {
  constexpr const char* kField = "cni.dev/valid-attachments";
  JsonProblems problems(UnknownFields::kIgnored);
  const JsonReader in(document, problems);
  std::vector<ValidAttachment> valid;
  const auto list = in.Find(kField);
  if (!list) {
    return Fail(Code::kInvalidConfig,
                fmt::format("{} is required: GC removes what it does not name", kField));
  }
  for (const JsonReader& item : list->Items()) {
    ValidAttachment& one = valid.emplace_back();
    item.Require("containerID", one.containerId);
    item.Require("ifname", one.ifname);
  }
  TRY_OR(Code::kInvalidConfig, problems.Check());
  return valid;
}

}  // namespace berth::net::cni
