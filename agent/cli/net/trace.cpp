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
    json["redirectedTo"] =
        fmt::format("{}:{}", answer.redirected_to.Format(), answer.redirected_port);
  }
  return json;
}

std::string AsText(const FlowEnd& from, const FlowEnd& to, const NetTraceOptions& options,
                   const net::TraceAnswer& answer) {
  std::string text = fmt::format("from    {}\nto      {}, {} port {}\n", from.shown, to.shown,
                                 options.protocol, options.port);
  if (answer.redirected_port != 0) {
    text += fmt::format("leads   to {}:{}, a published port\n", answer.redirected_to.Format(),
                        answer.redirected_port);
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

}  // namespace

Result<int> NetTrace(const Paths& paths, const NetTraceOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const FlowEnd from = TRY(FindFlowEnd(context, options.from).Context("FROM"));
  const FlowEnd to = TRY(FindFlowEnd(context, options.to).Context("TO"));
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
