#include "agent/doctor/render.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace berth::doctor {
namespace {

std::string Summary(const Report& report) {
  const auto count = [&](State state) {
    return std::count_if(report.findings.begin(), report.findings.end(),
                         [&](const Finding& finding) { return finding.state == state; });
  };
  switch (report.Worst()) {
    case State::kOk:
      return "This host can do everything that Berth asks of it.";
    case State::kLimited:
      return fmt::format("Tasks run on this host, with {} limitation(s).", count(State::kLimited));
    case State::kMissing:
      return fmt::format("{} thing(s) are missing, and {} limited: not every task can run here.",
                         count(State::kMissing), count(State::kLimited));
  }
  return "";
}

}  // namespace

std::string_view Name(State state) {
  switch (state) {
    case State::kOk:
      return "ok";
    case State::kLimited:
      return "limited";
    case State::kMissing:
      return "missing";
  }
  return "";
}

std::string RenderText(const Report& report) {
  constexpr int kStateWidth = 7;  // "limited", "missing"
  size_t name_width = 0;
  for (const Finding& finding : report.findings) {
    name_width = std::max(name_width, finding.name.size());
  }
  std::string text;
  for (const Finding& finding : report.findings) {
    text += fmt::format("{:<{}}  {:<{}}  {}\n", Name(finding.state), kStateWidth, finding.name,
                        name_width, finding.found);
    if (finding.change.empty()) continue;
    text += fmt::format("{:{}}  -> {}\n", "", kStateWidth + 2 + name_width, finding.change);
  }
  return text + "\n" + Summary(report) + "\n";
}

std::string RenderJson(const Report& report) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    Json item = {{"name", finding.name}, {"state", Name(finding.state)}, {"found", finding.found}};
    if (!finding.change.empty()) item.emplace("change", finding.change);
    findings.push_back(std::move(item));
  }
  return DumpJsonPretty({{"state", Name(report.Worst())}, {"findings", std::move(findings)}});
}

}  // namespace berth::doctor
