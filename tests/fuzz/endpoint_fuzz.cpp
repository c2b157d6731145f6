// Requests of tasks: the first line is the method, the second the target, the rest the body. Each
// is answered once, and what is not plain text is JSON or what an association holds.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "agent/endpoints/endpoint_server.h"
#include "base/json.h"

namespace endpoints = berth::agent::endpoints;

namespace {

class OneTask : public endpoints::TaskCatalog {
 public:
  OneTask() {
    endpoints::EndpointTask task = {.arn = "arn", .family = "f", .revision = "1"};
    task.network_mode = "awsvpc";
    task.known = endpoints::LifeStatus::kRunning;
    task.task_role_credentials_id = "r";
    task.containers.emplace_back();
    task.containers[0].docker_id = "d";
    task.containers[0].endpoint_id = "i";
    task.containers[0].known = endpoints::LifeStatus::kRunning;
    task_ = std::make_shared<const endpoints::EndpointTask>(std::move(task));
  }
  endpoints::AgentInfo Agent() const override { return {}; }
  std::vector<endpoints::TaskPointer> Tasks() const override { return {task_}; }
  std::optional<endpoints::FoundContainer> FindByEndpointId(std::string_view id) const override {
    if (id != "i") return std::nullopt;
    return endpoints::FoundContainer{task_, 0};
  }
  endpoints::TaskPointer FindByAddress(berth::net::Ipv4) const override { return task_; }
  std::optional<endpoints::FoundCredentials> FindByCredentialsId(
      std::string_view id) const override {
    if (id != "r") return std::nullopt;
    endpoints::FoundCredentials found = {.task = task_};
    found.credentials.accessKeyId = "k";
    return found;
  }

 private:
  endpoints::TaskPointer task_;
};

class NoCalls : public endpoints::EcsCalls {
 public:
  using Protection = endpoints::CallDone<berth::ecs::api::TaskProtectionResponse>;
  void ListTags(const std::string&,
                endpoints::CallDone<berth::ecs::api::ListTagsForResourceResponse> done) override {
    done(tl::unexpected(endpoints::CallFailure{}));
  }
  void GetProtection(const berth::ecs::wire::RoleCredentials&,
                     const berth::ecs::api::GetTaskProtectionRequest&, Protection done) override {
    done(tl::unexpected(endpoints::CallFailure{}));
  }
  void UpdateProtection(const berth::ecs::wire::RoleCredentials&,
                        const berth::ecs::api::UpdateTaskProtectionRequest&,
                        Protection done) override {
    done(tl::unexpected(endpoints::CallFailure{}));
  }
};

std::string TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string line(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static OneTask catalog;
  static NoCalls calls;
  static berth::agent::stats::UsageBook usage;
  static endpoints::AuditLog audit = *endpoints::AuditLog::Open({});
  static endpoints::TaskRouter router({catalog, usage, calls}, audit,
                                      {.per_second = 1e9, .burst = 1e9});
  std::string_view text(reinterpret_cast<const char*>(data), size);
  berth::http::Request request;
  request.method = TakeLine(text);
  request.target = TakeLine(text);
  request.body = std::string(text);
  request.peer_address = "10.0.0.1";
  int answers = 0;
  router.Answer(request, [&](const berth::http::Response& response) {
    ++answers;
    if (response.headers.Find("Content-Type") != "application/json") return;
    if (!berth::ParseJson(response.body)) std::abort();
  });
  if (answers != 1) std::abort();
  return 0;
}
