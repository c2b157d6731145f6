#include "base/http/server.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <atomic>
#include <future>

#include "base/http/test_peers.h"
#include "base/sys.h"

namespace berth::http {
namespace {

using std::chrono::milliseconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void Echo(Request request, const Respond& respond) {
  respond({.body = request.method + " " + request.target + " " + request.body});
}

TestServer::Options Echoing(ServerLimits limits = {}) {
  return {.handlers = {.request = Echo}, .limits = limits};
}

std::string Get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// What the server answers to `text`, if it then hangs up.
std::string AnswerAndEnd(TestServer& server, std::string_view text) {
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(text);
  return peer.ReadToEnd();
}

TEST(Server, AnswersWithTheLengthOfItsBody) {
  TestServer server(Echoing());
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/x?y=%20z"));
  const std::string answer = peer.ReadResponse();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nContent-Length: 14\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nDate: "));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nGET /x?y=%20z "));
}

TEST(Server, TellsTheHandlerWhoAsks) {
  std::promise<Request> seen;
  TestServer server({.handlers = {.request = [&](Request request, const Respond& respond) {
                       seen.set_value(std::move(request));
                       respond({});
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send("POST / HTTP/1.1\r\nhost: A:80\r\nX-One:  two words \r\nContent-Length: 2\r\n\r\nhi");
  peer.ReadResponse();
  const Request request = seen.get_future().get();
  EXPECT_EQ(request.peer_address, "127.0.0.1");
  EXPECT_EQ(request.headers.Find("Host"), "A:80");
  EXPECT_EQ(request.headers.Find("x-one"), "two words");
  EXPECT_EQ(request.body, "hi");
}

class Malformed : public testing::TestWithParam<std::string> {};

TEST_P(Malformed, RequestEndsTheConnectionUnseenByTheHandler) {
  std::atomic<int> calls = 0;
  TestServer server({.handlers = {.request = [&](const Request&, const Respond& respond) {
                       ++calls;
                       respond({});
                     }}});
  const std::string answer = AnswerAndEnd(server, GetParam());
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(calls, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Malformed,
    testing::Values(
        "\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: 1\rY: 2\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: a\r\nX: 1\0\r\n\r\n", 34),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "fffffffffffffffff\r\n\r\n"));

TEST(Server, RefusesTooMuch) {
  TestServer server(Echoing({.max_header = 2048, .max_body = 1000}));
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_THAT(AnswerAndEnd(server, post + "X: " + std::string(5000, 'x') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(AnswerAndEnd(server, "GET /" + std::string(100'000, 'x')),
              StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(AnswerAndEnd(server, post + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
              StartsWith("HTTP/1.1 413 "));
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(AnswerAndEnd(server, chunked + "3e9\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(AnswerAndEnd(server, chunked + "200\r\n" + std::string(512, 'x') + "\r\n200\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(AnswerAndEnd(server, chunked + "1;" + std::string(5000, 'x')),
              StartsWith("HTTP/1.1 431 "));
}

TEST(Server, LetsAClientThatSendsOnHearOfItsRefusal) {
  TestServer server(Echoing());
  EXPECT_THAT(AnswerAndEnd(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n" +
                                       std::string(8'000'000, 'x')),
              StartsWith("HTTP/1.1 413 "));
}

TEST(Server, TakesChunksAndLeavesTrailersOut) {
  std::promise<Request> seen;
  TestServer server({.handlers = {.request = [&](Request request, const Respond& respond) {
                       seen.set_value(std::move(request));
                       respond({});
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=\"y\"\r\nabc\r\n");
  peer.Send("A\r\n0123456789\r\n0\r\nAuthorization: forged\r\n\r\n");
  EXPECT_THAT(peer.ReadResponse(), StartsWith("HTTP/1.1 200 "));
  const Request request = seen.get_future().get();
  EXPECT_EQ(request.body, "abc0123456789");
  EXPECT_EQ(request.headers.Find("Authorization"), std::nullopt);
}

TEST(Server, TellsAClientThatWaitsToSendItsBody) {
  TestServer server(Echoing());
  RawPeer peer = RawPeer::To(server.port());
  peer.Send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(peer.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  peer.Send("hi");
  EXPECT_THAT(peer.ReadResponse(), EndsWith("POST / hi"));
  EXPECT_THAT(AnswerAndEnd(
                  server, "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n"),
              StartsWith("HTTP/1.1 417 "));
}

TEST(Server, AnswersHeadWithoutBody) {
  TestServer server(Echoing());
  RawPeer peer = RawPeer::To(server.port());
  peer.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + Get("/next"));
  EXPECT_THAT(peer.ReadUntil("\r\n\r\n"), HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(peer.ReadResponse(), EndsWith("\r\n\r\nGET /next "));
}

TEST(Server, EndsTheConnectionWhenAskedTo) {
  TestServer server(Echoing());
  EXPECT_THAT(AnswerAndEnd(server, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
              EndsWith("\r\n\r\nGET / "));
  EXPECT_THAT(AnswerAndEnd(server, "GET / HTTP/1.0\r\n\r\n"),
              HasSubstr("\r\nConnection: close\r\n"));
}

TEST(Server, AnswersPipelinedRequestsOneAtATimeInOrder) {
  std::promise<Respond> first;
  std::atomic<int> calls = 0;
  TestServer server({.handlers = {.request = [&](const Request& request, Respond respond) {
                       if (++calls == 1) return first.set_value(std::move(respond));
                       respond({.body = request.target});
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/1") + Get("/2") + Get("/3"));
  const Respond respond = first.get_future().get();
  server.Do([] {});
  EXPECT_EQ(calls, 1);
  server.Do([&] { respond({.body = "late"}); });
  EXPECT_THAT(peer.ReadResponse(), EndsWith("late"));
  EXPECT_THAT(peer.ReadResponse(), EndsWith("/2"));
  EXPECT_THAT(peer.ReadResponse(), EndsWith("/3"));
}

TEST(Server, WritesNoHeaderThatWouldBecomeTwo) {
  TestServer server({.handlers = {.request = [](const Request&, const Respond& respond) {
                       respond({.headers = {{"X", "a\r\nSet-Cookie: b"}}});
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/"));
  const std::string answer = peer.ReadResponse();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(answer, Not(HasSubstr("Cookie")));
}

TEST(Server, AnswersForAHandlerThatForgot) {
  TestServer server({.handlers = {.request = [](const Request&, const Respond&) {}}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/"));
  EXPECT_THAT(peer.ReadResponse(), StartsWith("HTTP/1.1 500 "));
}

TEST(Server, HangsUpOnTheSlow) {
  TestServer server(Echoing({.header_timeout = milliseconds(60),
                             .body_timeout = milliseconds(60),
                             .idle_timeout = milliseconds(60)}));
  EXPECT_EQ(AnswerAndEnd(server, ""), "");
  EXPECT_EQ(AnswerAndEnd(server, "GET / HT"), "");
  EXPECT_EQ(AnswerAndEnd(server, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"), "");
  EXPECT_THAT(AnswerAndEnd(server, Get("/idle")), EndsWith("GET /idle "));
}

TEST(Server, GivesNoMoreTimeForMoreBytes) {
  TestServer server(Echoing({.header_timeout = milliseconds(100)}));
  RawPeer peer = RawPeer::To(server.port());
  const auto start = std::chrono::steady_clock::now();
  std::thread drip([&] {
    for (int i = 0; i < 40 && ::send(peer.fd(), "x", 1, MSG_NOSIGNAL) == 1; ++i) {
      std::this_thread::sleep_for(milliseconds(20));
    }
  });
  EXPECT_EQ(peer.ReadToEnd(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(600));
  drip.join();
}

TEST(Server, DropsAClientThatDoesNotRead) {
  TestServer server({.handlers = {.request =
                                      [](const Request&, const Respond& respond) {
                                        respond({.body = std::string(32 << 20, 'x')});
                                      }},
                     .limits = {.write_timeout = milliseconds(60)}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/"));
  const auto start = std::chrono::steady_clock::now();
  while (server.Connections() != 1) std::this_thread::yield();
  while (server.Connections() != 0 &&
         std::chrono::steady_clock::now() - start < std::chrono::seconds(5)) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server.Connections(), 0u);
  EXPECT_LT(peer.ReadToEnd().size(), 32u << 20);
}

TEST(Server, ClosesConnectionsAboveItsLimit) {
  TestServer server(Echoing({.max_connections = 2}));
  RawPeer first = RawPeer::To(server.port());
  RawPeer second = RawPeer::To(server.port());
  first.Send(Get("/"));
  first.ReadResponse();
  second.Send(Get("/"));
  second.ReadResponse();
  EXPECT_EQ(AnswerAndEnd(server, ""), "");
  first.Close();
  while (server.Connections() != 1) std::this_thread::yield();
  RawPeer third = RawPeer::To(server.port());
  third.Send(Get("/"));
  EXPECT_THAT(third.ReadResponse(), StartsWith("HTTP/1.1 200 "));
}

TEST(Server, MayGoWhileRequestsArePending) {
  std::promise<Respond> pending;
  TestServer server({.handlers = {.request = [&](const Request&, Respond respond) {
                       pending.set_value(std::move(respond));
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/"));
  Respond respond = pending.get_future().get();
  server.StopServing();
  EXPECT_EQ(peer.ReadToEnd(), "");
  server.Do([&] { respond({}); });
}

TEST(Server, MayGoFromWithinItsHandler) {
  std::optional<Server> server;
  IoLoop loop;
  bool gone = false;
  auto listening =
      Server::Listen(loop, {}, {.request = [&](const Request&, const Respond& respond) {
                       server.reset();
                       respond({});
                       gone = true;
                       loop.Stop();
                     }});
  ASSERT_TRUE(listening);
  server = std::move(*listening);
  RawPeer peer = RawPeer::To(server->port());
  peer.Send(Get("/"));
  loop.Run();
  EXPECT_TRUE(gone);
  EXPECT_EQ(peer.ReadToEnd(), "");
}

TEST(Server, TakesAnAnswerForAClientThatIsGone) {
  std::promise<Respond> pending;
  TestServer server({.handlers = {.request = [&](const Request&, Respond respond) {
                       pending.set_value(std::move(respond));
                     }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(Get("/"));
  const Respond respond = pending.get_future().get();
  peer.Close();
  server.Do([&] { respond({.body = std::string(1 << 20, 'x')}); });
  server.Do([&] { respond({}); });  // a second answer is nobody's
  while (server.Connections() != 0) std::this_thread::yield();
}

TEST(Server, SaysWhereItCouldNotListen) {
  TestServer other(Echoing());
  IoLoop loop;
  const auto taken = Server::Listen(loop, {.port = other.port()}, {.request = Echo});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().message(),
            fmt::format("listen on 127.0.0.1:{}: Address already in use", other.port()));
  EXPECT_TRUE(taken.error().Is(EADDRINUSE));
  const auto nonsense = Server::Listen(loop, {.address = "here", .port = 1}, {.request = Echo});
  ASSERT_FALSE(nonsense);
  EXPECT_EQ(nonsense.error().message(), "listen on here:1: \"here\" is no IP address");
}

TEST(Server, ListensOnAnAddressThatIsNotThereYet) {
  IoLoop loop;
  const ListenOn where = {.address = "203.0.113.7", .port = 0};
  EXPECT_FALSE(Server::Listen(loop, where, {.request = Echo}));
  ListenOn early = where;
  early.freebind = true;
  EXPECT_TRUE(Server::Listen(loop, early, {.request = Echo}));
}

TEST(Server, ServesADescriptorThatListens) {
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;  // without a name, the kernel finds one (unix(7), autobind)
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);
  ASSERT_EQ(::listen(listener.get(), 4), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), size), 0);

  IoLoop loop;
  auto server = Server::Listen(loop, {.descriptor = listener.Release()},
                               {.request = [&](const Request& request, const Respond& respond) {
                                 EXPECT_EQ(request.peer_address, "");
                                 respond({.headers = {{"Connection", "close"}}, .body = "here"});
                                 loop.Post([&] { loop.Stop(); });
                               }});
  ASSERT_TRUE(server);
  RawPeer peer(std::move(socket));
  peer.Send(Get("/"));
  loop.Run();
  EXPECT_THAT(peer.ReadResponse(), EndsWith("here"));
}

}  // namespace
}  // namespace berth::http
