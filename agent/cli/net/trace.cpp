// berth net trace: which rule decides about a flow.
#include <netinet/in.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "agent/cli/commands.h"
#include "agent/cli/net/endpoint.h"
#include "base/json.h"
#include "base/sys.h"
#include "net/firewall/trace.h"

namespace berth::agent::cli {
namespace {

using End = net::TraceAnswer::End;

constexpr const char* kEnds[] = {"accepted", "dropped", "refused"};

/// Where a published port leads, with IPv6 in brackets (RFC 3986, 3.2.2).
std::string Endpoint(const net::TraceAnswer& answer) {
  const std::string address = answer.redirected_to.Format();
  return fmt::format("{}:{}", answer.redirected_to.IsIpv4() ? address : "[" + address + "]",
                     answer.redirected_port);
}

Json AsJson(const FlowEnd& from, const FlowEnd& to, const NetTraceOptions& options,
            const net::TraceAnswer& answer) {
  Json steps = Json::array();
  for (const net::TraceStep& step : answer.steps) {
    steps.push_back({{"chain", step.chain}, {"rule", step.rule}, {"says", step.says}});
  }
  Json json = {{"from", from.address.Format()},
               {"to", to.address.Format()},
               {"port", options.port},
               {"protocol", options.protocol},
               {"allowed", answer.end == End::kAccepted},
               {"end", kEnds[static_cast<int>(answer.end)]},
               {"reasons", answer.reasons},
               {"steps", std::move(steps)}};
  if (answer.redirected_port != 0) {
    json["redirectedTo"] = Endpoint(answer);
  }
  return json;
}

std::string AsText(const FlowEnd& from, const FlowEnd& to, const NetTraceOptions& options,
                   const net::TraceAnswer& answer) {
  std::string text = fmt::format("from    {}\nto      {}, {} port {}\n", from.shown, to.shown,
                                 options.protocol, options.port);
  if (answer.redirected_port != 0) {
    text += fmt::format("leads   to {}, a published port\n", Endpoint(answer));
  }
  for (const std::string& reason : answer.reasons) text += "        " + reason + "\n";
  const char* allowed = answer.end == End::kAccepted ? "allowed" : "not allowed";
  text += fmt::format("{}", allowed);
  if (!answer.steps.empty()) {
    const net::TraceStep& last = answer.steps.back();
    text += fmt::format(": {} by chain {}, rule {}", kEnds[static_cast<int>(answer.end)],
                        last.chain, last.rule);
  }
  return text + "\n";
}

/// IPv6 if either end is named by such an address.
net::IpFamily FamilyOf(const NetTraceOptions& options) {
  const bool ipv6 = net::Ipv6::Parse(options.from) || net::Ipv6::Parse(options.to);
  return ipv6 ? net::IpFamily::kIpv6 : net::IpFamily::kIpv4;
}

}  // namespace

Result<int> NetTrace(const Paths& paths, const NetTraceOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const net::IpFamily family = FamilyOf(options);
  const FlowEnd from = TRY(FindFlowEnd(context, options.from, family).Context("FROM"));
  const FlowEnd to = TRY(FindFlowEnd(context, options.to, family).Context("TO"));
  const auto answer = TRY(net::TraceFlow(
      {.from = from.attachment_id,
       .source = from.address,
       .destination = to.address,
       .protocol = static_cast<uint8_t>(options.protocol == "udp" ? IPPROTO_UDP : IPPROTO_TCP),
       .port = options.port}));
  TRY(sys::WriteAll(STDOUT_FILENO, options.output == Output::kJson
                                       ? DumpJsonPretty(AsJson(from, to, options, answer)) + "\n"
                                       : AsText(from, to, options, answer)));
  return answer.end == End::kAccepted ? 0 : 1;
}

}  // namespace berth::agent::cli
