#include "scheduler/server/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/http/url.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "ecs/prefix_list.h"
#include "net/addresses/subnet_fields.h"

namespace berth::scheduler {
namespace {

struct TlsFields {
  std::string certificateFile;
  std::string keyFile;
};

void ReadJson(const JsonReader& in, TlsFields& out) {
  in.Require("certificateFile", out.certificateFile);
  in.Require("keyFile", out.keyFile);
  in.RefuseOtherFields();
}

struct ClusterSubnet {
  net::SubnetFields fields;
  std::string availabilityZone;
};

void ReadJson(const JsonReader& in, ClusterSubnet& out) {
  net::ReadSubnetFields(in, out.fields);
  in.Read("availabilityZone", out.availabilityZone);
  in.RefuseOtherFields();
}

SubnetRecord ToRecord(const ClusterSubnet& subnet) {
  const net::SubnetFields& fields = subnet.fields;
  return {.id = fields.subnetId,
          .cidr_block = fields.cidrBlock,
          .ipv6_cidr_block = fields.ipv6CidrBlock,
          .parent = fields.parent,
          .gateway = fields.gateways.ipv4,
          .ipv6_gateway = fields.gateways.ipv6,
          .availability_zone = subnet.availabilityZone,
          .mtu = fields.mtu,
          .masquerade = fields.masquerade.value_or(!fields.lan),
          .dns_servers = fields.dnsServers};
}

Result<std::vector<SubnetRecord>> ToRecords(std::vector<ClusterSubnet> subnets) {
  if (subnets.empty()) subnets.push_back({.fields = net::DefaultSubnetFields()});
  std::vector<net::SubnetFields> fields;
  std::vector<SubnetRecord> records;
  for (const ClusterSubnet& subnet : subnets) {
    fields.push_back(subnet.fields);
    records.push_back(ToRecord(subnet));
  }
  TRY(net::ToSubnets(fields));
  return records;
}

Result<void> SetListen(SchedulerConfig& config, const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : ParseInteger<uint16_t>(std::string_view(listen).substr(colon + 1));
  if (!port) return MakeError("listen: must be ADDRESS:PORT, not \"{}\"", listen);
  config.listen_address = listen.substr(0, colon);
  if (config.listen_address.starts_with('[') && config.listen_address.ends_with(']')) {
    config.listen_address = config.listen_address.substr(1, config.listen_address.size() - 2);
  }
  config.listen_port = *port;
  return {};
}

Result<void> CheckAccount(const std::string& account) {
  const bool digits =
      std::all_of(account.begin(), account.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (account.size() == 12 && digits) return {};
  return MakeError("account: must be 12 digits, not \"{}\"", account);
}

Result<void> CheckRegion(const std::string& region) {
  const bool plain = std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!region.empty() && region.size() <= 64 && plain) return {};
  return MakeError("region: must be lower-case letters, digits and hyphens, not \"{}\"", region);
}

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

}  // namespace

Result<SchedulerConfig> SchedulerConfig::Load(const std::string& path) {
  auto text = ReadFile(path);
  if (!text && text.error().Is(ENOENT)) return Parse("{}");
  return Parse(TRY(std::move(text))).Context("{}", path);
}

Result<SchedulerConfig> SchedulerConfig::Parse(std::string_view json) {
  const Json document = TRY(ParseJson(json));
  JsonProblems problems;
  const JsonReader in(document, problems);
  SchedulerConfig config;
  std::optional<std::string> listen;
  std::optional<TlsFields> tls;
  std::vector<ClusterSubnet> subnets;
  int64_t lifetime = config.credentialsLifetime.count();
  in.Read("listen", listen);
  in.Read("tls", tls);
  in.Read("allowPlainHttp", config.allowPlainHttp);
  in.Read("advertise", config.advertise);
  in.Read("region", config.region);
  in.Read("account", config.account);
  in.Read("subnets", subnets);
  in.Read("credentialsLifetime", lifetime);
  // Read below, as EC2 writes them.
  const auto prefix_lists = in.Find("prefixLists");
  const auto groups = in.Find("securityGroups");
  in.RefuseOtherFields();
  TRY(problems.Check());
  if (listen) TRY(SetListen(config, *listen));
  if (tls) config.tls = {.certificate_file = tls->certificateFile, .key_file = tls->keyFile};
  TRY(CheckAccount(config.account));
  TRY(CheckRegion(config.region));
  if (!config.advertise.empty()) TRY(http::Url::Parse(config.advertise).Context("advertise"));
  if (lifetime < 60 || lifetime > 12 * 3600) {
    return MakeError("credentialsLifetime: must be from 60 to 43200 seconds, not {}", lifetime);
  }
  config.credentialsLifetime = std::chrono::seconds(lifetime);
  config.subnets = TRY(ToRecords(std::move(subnets)));
  std::vector<ecs::ManagedPrefixList> lists;
  if (prefix_lists) {
    lists = TRY(ecs::ParsePrefixLists(DumpJson(document["prefixLists"])).Context("prefixLists"));
  }
  if (groups) {
    for (ecs::SecurityGroup& group :
         TRY(ecs::ParseSecurityGroups(DumpJson(document["securityGroups"]))
                 .Context("securityGroups"))) {
      config.securityGroups.push_back(
          TRY(ecs::ExpandPrefixLists(std::move(group), lists).Context("securityGroups")));
    }
  }
  return config;
}

Result<void> SchedulerConfig::CheckExposure() const {
  if (tls || allowPlainHttp || IsLoopback(listen_address)) return {};
  return MakeError(
      "listen: {}:{} is reachable from other hosts, who would send credentials in the clear: "
      "configure \"tls\", listen on 127.0.0.1, or set \"allowPlainHttp\": true",
      listen_address, listen_port);
}

}  // namespace berth::scheduler
