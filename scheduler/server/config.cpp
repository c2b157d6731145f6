#include "scheduler/server/config.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/http/url.h"
#include "base/json_reader.h"
#include "base/text.h"
#include "ecs/prefix_list.h"
#include "net/addresses/subnet.h"

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

struct SubnetFields {
  SubnetRecord record;
};

void ReadJson(const JsonReader& in, SubnetFields& out) {
  in.Require("subnetId", out.record.id);
  in.Require("cidrBlock", out.record.cidr_block);
  in.Read("availabilityZone", out.record.availability_zone);
  in.Read("mtu", out.record.mtu);
  in.Read("masquerade", out.record.masquerade);
  in.Read("dnsServers", out.record.dns_servers);
  in.RefuseOtherFields();
}

Result<void> CheckSubnets(const std::vector<SubnetRecord>& subnets) {
  std::vector<net::Subnet> checked;
  for (size_t i = 0; i < subnets.size(); ++i) {
    const auto block =
        TRY(net::Ipv4Cidr::Parse(subnets[i].cidr_block).Context("subnets[{}].cidrBlock", i));
    const net::Subnet subnet =
        TRY(net::MakeSubnet(subnets[i].id, block).Context("subnets[{}].cidrBlock", i));
    for (const net::Subnet& other : checked) {
      if (other.subnetId == subnet.subnetId) {
        return MakeError("subnets[{}].subnetId: {} is given twice", i, subnet.subnetId);
      }
      if (other.cidrBlock->Contains(block.Network()) ||
          block.Contains(other.cidrBlock->Network())) {
        return MakeError("subnets[{}].cidrBlock: {} overlaps {} of {}", i, block.Format(),
                         other.cidrBlock->Format(), other.subnetId);
      }
    }
    for (const std::string& server : subnets[i].dns_servers) {
      TRY(net::Ipv4::Parse(server).Context("subnets[{}].dnsServers", i));
    }
    const int64_t mtu = subnets[i].mtu;
    if (mtu != 0 && (mtu < 576 || mtu > 65'535)) {
      return MakeError("subnets[{}].mtu: must be from 576 to 65535, or 0 for the host's, not {}", i,
                       mtu);
    }
    checked.push_back(subnet);
  }
  return {};
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
  std::vector<SubnetFields> subnets;
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
  for (SubnetFields& subnet : subnets) config.subnets.push_back(std::move(subnet.record));
  if (config.subnets.empty()) {
    config.subnets = {{.id = "subnet-default", .cidr_block = "172.31.0.0/20"}};
  }
  TRY(CheckSubnets(config.subnets));
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
