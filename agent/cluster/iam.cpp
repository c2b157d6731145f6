#include "agent/cluster/iam.h"

#include "agent/link/settings.h"
#include "base/http/client.h"

namespace berth::agent::cluster {
namespace {

std::string Unescape(std::string_view text) {
  constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}};
  std::string plain;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [entity, character] : kEntities) {
      if (!text.starts_with(entity)) continue;
      plain += character;
      text.remove_prefix(entity.size());
      found = true;
      break;
    }
    if (found) continue;
    plain += text.front();
    text.remove_prefix(1);
  }
  return plain;
}

std::string First(std::string_view xml, std::string_view name) {
  const auto texts = XmlTexts(xml, name);
  return texts.empty() ? "" : texts.front();
}

}  // namespace

std::vector<std::string> XmlTexts(std::string_view xml, std::string_view name) {
  std::vector<std::string> texts;
  const std::string open = fmt::format("<{}>", name);
  const std::string close = fmt::format("</{}>", name);
  for (size_t at = xml.find(open); at != std::string_view::npos; at = xml.find(open, at)) {
    at += open.size();
    const size_t end = xml.find(close, at);
    if (end == std::string_view::npos) break;
    texts.push_back(Unescape(xml.substr(at, end - at)));
  }
  return texts;
}

Result<IamClient> IamClient::Open(const Access& access) {
  return IamClient(access, TRY(link::ReadCredentialsFile(access.credentials)));
}

Result<tl::expected<std::string, IamClient::Refusal>> IamClient::Ask(const std::string& action,
                                                                     Parameters parameters) const {
  const http::Url url = TRY(http::Url::Parse(access_.endpoint));
  parameters.insert(parameters.begin(), {{"Action", action}, {"Version", "2010-05-08"}});
  http::Request request = {
      .method = "POST",
      .headers = {{"Host", url.Authority()},
                  {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}}};
  for (const auto& [name, value] : parameters) {
    if (!request.body.empty()) request.body += '&';
    request.body += http::PercentEncode(name) + "=" + http::PercentEncode(value);
  }
  ecs::Sign(request, credentials_, {.region = access_.region, .service = "iam"}, Now());
  const http::Response response =
      TRY(http::SendAndWait(url, std::move(request)).Context("{}", access_.endpoint));
  using Answer = tl::expected<std::string, Refusal>;
  if (response.status == 200) return Answer(response.body);
  return Answer(tl::unexpected(
      Refusal{.code = First(response.body, "Code"), .message = First(response.body, "Message")}));
}

Result<std::string> IamClient::Call(const std::string& action, Parameters parameters) const {
  auto answer = TRY(Ask(action, std::move(parameters)));
  if (answer) return *std::move(answer);
  return MakeError("{}: {}: {}", action, answer.error().code, answer.error().message);
}

}  // namespace berth::agent::cluster
