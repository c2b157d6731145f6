// A scheduler on loopback, for tests: answers as it is told to, and keeps what it heard.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine/task_book.h"
#include "agent/link/api.h"
#include "base/http/io_loop.h"
#include "base/http/server.h"
#include "base/sys.h"
#include "ecs/api/agent.h"

namespace berth::agent::link {

/// Serves on the loop that the agent's side runs on, too.
class FakeScheduler {
 public:
  using Answer = std::function<http::Response(const std::string& body)>;

  FakeScheduler() {
    char name[] = "/tmp/berth-link-XXXXXX";
    EXPECT_NE(::mkdtemp(name), nullptr);
    directory = name;
    http::ServerHandlers handlers = {
        .request =
            [this](const http::Request& request, const http::Respond& respond) {
              std::string target(request.headers.Find("X-Amz-Target").value_or(""));
              const std::string operation = target.substr(target.find('.') + 1);
              heard.emplace_back(operation, request.body);
              const auto found = answers.find(operation);
              respond(found == answers.end() ? Refusal("UnknownOperationException")
                                             : found->second(request.body));
            },
        .upgrade =
            [this](const http::Request& request, const std::shared_ptr<http::Upgrade>& upgrade) {
              handshakes.push_back(request);
              if (refusal) return upgrade->Refuse(*refusal);
              upgrade->Accept({}, [this](std::shared_ptr<http::WebSocket> accepted) {
                socket = std::move(accepted);
                socket->OnMessage([this](std::string frame) { said.push_back(std::move(frame)); });
                socket->OnEnd([this](const http::WebSocketEnd&) { socket.reset(); });
              });
            }};
    server.emplace(*http::Server::Listen(loop, {}, std::move(handlers)));
    url = fmt::format("http://127.0.0.1:{}", server->port());
    settings = *LinkSettings::FromEnvironment({{"AWS_ACCESS_KEY_ID", "AKIA"},
                                               {"AWS_SECRET_ACCESS_KEY", "secret"},
                                               {"ECS_BACKEND_HOST", url}});
    answers["DiscoverPollEndpoint"] = [this](const std::string&) {
      return Says(ecs::api::FormatBody(ecs::api::DiscoverPollEndpointResponse{
          .endpoint = url + "/acs/", .telemetryEndpoint = url + "/tcs/"}));
    };
    api = std::make_unique<Api>(loop, settings);
    book = std::make_unique<engine::TaskBook>(*engine::TaskBook::Open(directory + "/book.db"));
  }
  FakeScheduler(const FakeScheduler&) = delete;
  FakeScheduler& operator=(const FakeScheduler&) = delete;
  ~FakeScheduler() {
    book.reset();
    EXPECT_TRUE(sys::RemoveTree(directory));
  }

  static http::Response Says(std::string body) { return {.body = std::move(body)}; }
  static http::Response Refusal(const std::string& code) {
    return {.status = 400, .body = ecs::api::FormatError({code, "refused"})};
  }

  /// Runs the loop until `done`, or for two seconds; whether it is done.
  bool Until(const std::function<bool()>& done) {
    bool late = false;
    const http::Timer limit = loop.After(std::chrono::seconds(2), [&] {
      late = true;
      loop.Stop();
    });
    http::Timer again;
    std::function<void()> look = [&] {
      if (done()) return loop.Stop();
      again = loop.After(std::chrono::milliseconds(1), look);
    };
    loop.Post(look);
    loop.Run();
    return !late;
  }
  size_t Heard(const std::string& operation) const {
    size_t count = 0;
    for (const auto& [name, body] : heard) count += name == operation ? 1 : 0;
    return count;
  }

  std::string directory;
  std::string url;
  http::IoLoop loop;
  std::map<std::string, Answer> answers;  // by operation
  std::vector<std::pair<std::string, std::string>> heard;
  std::vector<http::Request> handshakes;
  std::optional<http::Response> refusal;  // of handshakes
  std::shared_ptr<http::WebSocket> socket;
  std::vector<std::string> said;  // by the agent, on the socket
  LinkSettings settings;
  std::optional<http::Server> server;
  std::unique_ptr<Api> api;
  std::unique_ptr<engine::TaskBook> book;
};

}  // namespace berth::agent::link
