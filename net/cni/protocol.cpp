#include "net/cni/protocol.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/json.h"
#include "base/text.h"
#include "net/name.h"

namespace berth::net::cni {
namespace {

struct CommandRow {
  std::string_view name;
  Command command;
  bool about_attachment;  // wants a container and an interface
  bool needs_netns;
};

constexpr std::array<CommandRow, 6> kCommands = {{
    {"ADD", Command::kAdd, true, true},
    {"DEL", Command::kDel, true, false},
    {"CHECK", Command::kCheck, true, true},
    {"GC", Command::kGc, false, false},
    {"STATUS", Command::kStatus, false, false},
    {"VERSION", Command::kVersion, false, false},
}};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::vector<std::string> AttachmentProblems(const CommandRow& row, const Variables& variables) {
  std::vector<std::string> problems;
  if (!IsCniName(variables.CNI_CONTAINERID)) {
    problems.push_back(fmt::format(
        "CNI_CONTAINERID must be a letter or digit, then letters, digits, '_', '.' and '-', not {}",
        QuoteJson(variables.CNI_CONTAINERID)));
  }
  if (!IsInterfaceName(variables.CNI_IFNAME)) {
    problems.push_back(fmt::format("CNI_IFNAME must be the name of an interface, not {}",
                                   QuoteJson(variables.CNI_IFNAME)));
  }
  if (row.needs_netns && variables.CNI_NETNS.empty()) {
    problems.push_back("CNI_NETNS must be the path of the container's network namespace");
  }
  return problems;
}

}  // namespace

tl::unexpected<Failure> Fail(Code code, std::string msg) {
  return tl::unexpected(Failure{.code = code, .msg = std::move(msg)});
}

const std::vector<std::string>& SupportedVersions() {
  static const std::vector<std::string> versions = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};
  return versions;
}

bool IsAtLeast(std::string_view version, std::string_view least) {
  const auto& all = SupportedVersions();
  return std::find(all.begin(), all.end(), version) >= std::find(all.begin(), all.end(), least);
}

Variables Variables::FromEnvironment() {
  return {.CNI_COMMAND = Variable("CNI_COMMAND"),
          .CNI_CONTAINERID = Variable("CNI_CONTAINERID"),
          .CNI_NETNS = Variable("CNI_NETNS"),
          .CNI_IFNAME = Variable("CNI_IFNAME"),
          .CNI_ARGS = Variable("CNI_ARGS")};
}

Answer<Request> ReadRequest(const Variables& variables) {
  const auto row = std::find_if(kCommands.begin(), kCommands.end(), [&](const CommandRow& each) {
    return each.name == variables.CNI_COMMAND;
  });
  if (row == kCommands.end()) {
    return Fail(Code::kInvalidEnvironment,
                fmt::format("CNI_COMMAND must be ADD, DEL, CHECK, GC, STATUS or VERSION, not {}. "
                            "This is a plugin that container runtimes call: see docs/cni.md",
                            QuoteJson(variables.CNI_COMMAND)));
  }
  Request request = {.command = row->command};
  if (!row->about_attachment) return request;
  const auto problems = AttachmentProblems(*row, variables);
  if (!problems.empty()) return Fail(Code::kInvalidEnvironment, Join(problems, "; "));
  request.containerId = variables.CNI_CONTAINERID;
  request.netns = variables.CNI_NETNS;
  request.ifname = variables.CNI_IFNAME;
  request.args = variables.CNI_ARGS;
  return request;
}

std::string FormatFailure(std::string_view cni_version, const Failure& failure) {
  return fmt::format("{{\"cniVersion\":{},\"code\":{},\"msg\":{}}}", QuoteJson(cni_version),
                     static_cast<int>(failure.code), QuoteJson(failure.msg));
}

std::string FormatVersions(std::string_view cni_version) {
  std::vector<std::string> quoted;
  for (const std::string& version : SupportedVersions()) quoted.push_back(QuoteJson(version));
  return fmt::format("{{\"cniVersion\":{},\"supportedVersions\":[{}]}}", QuoteJson(cni_version),
                     Join(quoted, ","));
}

bool IsCniName(std::string_view text) {
  const auto fits = [](char c) { return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && IsAlphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace berth::net::cni
