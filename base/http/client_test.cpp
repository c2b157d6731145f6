#include "base/http/client.h"

#include <gmock/gmock.h>

#include <atomic>

#include "base/http/test_peers.h"

namespace berth::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What SendAndWait makes of an answer that is written out here; "" for none.
Result<Response> AnswerOf(const std::string& text, const std::string& method = "GET",
                          const ClientOptions& options = {}) {
  RawServer server([&](RawPeer peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(text);
  });
  return SendAndWait(server.At("/"), {.method = method}, options);
}

TEST(Client, SendsARequestAsItIs) {
  std::string seen;
  RawServer server([&](RawPeer peer) {
    seen = peer.ReadUntil("\r\n\r\nbody");
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  ASSERT_TRUE(SendAndWait(server.At("/ignored"), {.method = "POST",
                                                  .target = "/x?y=%20z",
                                                  .headers = {{"x-Amz-Date", "1"}, {"A", "b  c"}},
                                                  .body = "body"}));
  EXPECT_EQ(seen, "POST /x?y=%20z HTTP/1.1\r\nHost: " + server.At("/").Authority() +
                      "\r\nx-Amz-Date: 1\r\nA: b  c\r\nContent-Length: 4\r\n\r\nbody");
}

TEST(Client, SendsTheHostItIsGiven) {
  std::string seen;
  RawServer server([&](RawPeer peer) {
    seen = peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.1 204 No Content\r\n\r\n");
  });
  ASSERT_TRUE(SendAndWait(server.At("/"), {.headers = {{"host", "other:1"}}}));
  EXPECT_THAT(seen, HasSubstr("\r\nhost: other:1\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("Host: ")));
}

TEST(Client, RefusesToSendWhatWouldBecomeTwoRequests) {
  const Url nowhere = *Url::Parse("http://127.0.0.1:1/");
  for (const Request& bad :
       {Request{.method = "GET /\r\n"}, Request{.target = "/a b"}, Request{.target = ""},
        Request{.headers = {{"X", "a\r\nY: b"}}}, Request{.headers = {{"X: y", "a"}}}}) {
    const auto answer = SendAndWait(nowhere, bad);
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().Is(EINVAL)) << answer.error().message();
  }
}

TEST(Client, UnderstandsEachKindOfBody) {
  EXPECT_EQ(AnswerOf("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")->body, "hi");
  EXPECT_EQ(
      AnswerOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")->body,
      "hi");
  EXPECT_EQ(AnswerOf("HTTP/1.1 200 OK\r\n\r\nto the end")->body, "to the end");
  EXPECT_EQ(AnswerOf("HTTP/1.1 204 No Content\r\n\r\n")->status, 204);
  const auto head = AnswerOf("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", "HEAD");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.Find("content-length"), "7");
  EXPECT_EQ(head->body, "");
}

TEST(Client, PassesOverInterimAnswers) {
  const auto answer = AnswerOf(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\n"
      "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nY: 2\r\n\r\nno");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body, "no");
  EXPECT_EQ(answer->headers.Find("X"), std::nullopt);
}

TEST(Client, SaysWhatIsWrongWithAnAnswer) {
  const auto code_of = [](const Result<Response>& answer) {
    return answer ? 0 : answer.error().code();
  };
  EXPECT_EQ(code_of(AnswerOf("")), ECONNRESET);
  EXPECT_EQ(code_of(AnswerOf("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi")), ECONNRESET);
  EXPECT_EQ(code_of(AnswerOf("SSH-2.0-OpenSSH\r\n\r\n")), EPROTO);
  EXPECT_EQ(
      code_of(AnswerOf("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "GET", {.max_body = 8})),
      EMSGSIZE);
  EXPECT_EQ(
      code_of(AnswerOf("HTTP/1.1 200 OK\r\n\r\n" + std::string(99, 'x'), "GET", {.max_body = 8})),
      EMSGSIZE);
}

TEST(Client, NamesThePlaceInItsErrors) {
  const Url closed = [] {
    const RawServer gone([](const RawPeer&) {});
    return gone.At("/x");
  }();
  const auto answer = SendAndWait(closed, {.target = "/x"});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().Is(ECONNREFUSED));
  EXPECT_EQ(answer.error().message(), fmt::format("GET {}: connect to {}: Connection refused",
                                                  closed.ToString(), closed.Authority()));
}

TEST(Client, GivesUpAfterTheTotalTimeout) {
  RawServer server([](RawPeer peer) {
    peer.Send("HTTP/1.1 200 OK\r\n");
    peer.ReadToEnd();
  });
  const auto answer = SendAndWait(server.At("/"), {}, {.total_timeout = milliseconds(50)});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().Is(ETIMEDOUT)) << answer.error().message();
}

TEST(Client, FindsNamesOfTheHost) {
  TestServer server({.handlers = {.request = [](const Request& request, const Respond& respond) {
                       respond({.body = std::string(*request.headers.Find("Host"))});
                     }}});
  Url url = server.At("/");
  url.host = "localhost";
  const auto answer = SendAndWait(url, {});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->body, "localhost:" + url.port);
}

// Sends one request after the other, each once the one before is answered.
std::vector<std::string> BodiesOf(const Url& to, int count) {
  IoLoop loop;
  Client client(loop, {});
  std::vector<std::string> bodies;
  std::function<void()> next = [&] {
    client.Send(to, {.method = "POST", .body = "x"}, [&](Result<Response> answer) {
      bodies.push_back(answer ? answer->body : answer.error().message());
      if (static_cast<int>(bodies.size()) == count) return loop.Stop();
      loop.Post(next);
    });
  };
  next();
  loop.Run();
  return bodies;
}

TEST(Client, KeepsItsConnection) {
  std::atomic<int> connections = 0;
  RawServer server([&](RawPeer peer) {
    ++connections;
    for (;;) {
      if (peer.ReadUntil("\r\n\r\nx").empty()) return;
      peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    }
  });
  EXPECT_THAT(BodiesOf(server.At("/"), 3), ElementsAre("y", "y", "y"));
  EXPECT_EQ(connections, 1);
}

TEST(Client, ReplacesAKeptConnectionThatWasClosed) {
  std::atomic<int> connections = 0;
  RawServer server([&](RawPeer peer) {
    // The second request of a connection is read and never answered.
    const std::string body = std::to_string(++connections);
    peer.ReadUntil("\r\n\r\nx");
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body);
    if (connections == 1) peer.ReadUntil("\r\n\r\nx");
  });
  EXPECT_THAT(BodiesOf(server.At("/"), 3), ElementsAre("1", "2", "3"));
}

TEST(Client, SendsAgainOnlyWhatWasNotAnswered) {
  std::atomic<int> connections = 0;
  RawServer server([&](RawPeer peer) {
    ++connections;
    peer.ReadUntil("\r\n\r\nx");
    peer.Send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\ny");
    peer.ReadUntil("\r\n\r\nx");
    peer.Send("HTTP/1.1 200 OK\r\nContent-Len");
  });
  EXPECT_THAT(BodiesOf(server.At("/"), 2), ElementsAre("y", EndsWith("the connection was closed")));
  EXPECT_EQ(connections, 1);
}

TEST(Client, HearsAServerThatDoesNotWantTheWholeRequest) {
  TestServer server(
      {.handlers = {.request = [](const Request&, const Respond& respond) { respond({}); }},
       .limits = {.max_body = 10}});
  const auto answer =
      SendAndWait(server.At("/"), {.method = "POST", .body = std::string(4'000'000, 'x')});
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 413);
}

TEST(Client, IsNeverHeardOfAgainOnceGone) {
  TestServer server(
      {.handlers = {.request = [](const Request&, const Respond& respond) { respond({}); }}});
  IoLoop loop;
  auto client = std::make_unique<Client>(loop, ClientOptions{});
  for (int i = 0; i < 3; ++i) {
    client->Send(server.At("/"), {}, [](const auto&) { ADD_FAILURE() << "called back"; });
    client->OpenWebSocket(server.At("/"), {}, {},
                          [](const auto&) { ADD_FAILURE() << "called back"; });
  }
  loop.Post([&] { client.reset(); });
  const Timer stop = loop.After(milliseconds(50), [&] { loop.Stop(); });
  loop.Run();
}

TEST(Client, MayGoFromWithinItsCallback) {
  TestServer server(
      {.handlers = {.request = [](const Request&, const Respond& respond) { respond({}); }}});
  IoLoop loop;
  auto client = std::make_unique<Client>(loop, ClientOptions{});
  client->Send(server.At("/"), {}, [](const auto&) { ADD_FAILURE() << "called back"; });
  client->Send(server.At("/"), {}, [](const auto&) { ADD_FAILURE() << "called back"; });
  client->Send(Url{.scheme = Url::Scheme::kHttp, .host = "127.0.0.1", .port = "1"}, {.target = ""},
               [&](const Result<Response>& answer) {
                 EXPECT_FALSE(answer);
                 client.reset();
                 loop.Post([&] { loop.Stop(); });
               });
  loop.Run();
  EXPECT_EQ(client, nullptr);
}

}  // namespace
}  // namespace berth::http
