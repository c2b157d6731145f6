#include "base/http/websocket.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>

#include "base/http/client.h"
#include "base/http/test_peers.h"

namespace berth::http {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kHandshake =
    "GET /ws?a=b%20c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// A frame of a client, with a mask of zeros; `first` is FIN and opcode.
std::string Frame(int first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += "\xfe";
    frame += {static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size() & 0xff)};
  }
  return frame.append(4, '\0').append(payload);
}
std::string Text(std::string_view payload) { return Frame(0x81, payload); }
std::string CloseFrame(int code, std::string_view reason) {
  return Frame(0x88, std::string{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)} +
                         std::string(reason));
}

// What a server's close frame says.
void ExpectClose(RawPeer& peer, int code) {
  const std::string head = peer.ReadSize(2);
  ASSERT_EQ(head.size(), 2u);
  EXPECT_EQ(static_cast<unsigned char>(head[0]), 0x88);
  const std::string payload = peer.ReadSize(static_cast<unsigned char>(head[1]));
  ASSERT_GE(payload.size(), 2u);
  EXPECT_EQ(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]),
            code);
}

// A server that answers each message by "<text>", and keeps what happens.
class EchoingServer {
 public:
  explicit EchoingServer(WebSocketLimits limits = {})
      : server_({.handlers = {
                     .request = [](const Request&,
                                   const Respond& respond) { respond({.status = 404}); },
                     .upgrade =
                         [this, limits](const Request&, const std::shared_ptr<Upgrade>& upgrade) {
                           upgrade->Accept(limits, [this](auto socket) { Use(socket); });
                         }}}) {}
  ~EchoingServer() {
    server_.Do([this] {
      if (auto socket = socket_.lock()) socket->Drop();
    });
    server_.Do([] {});
  }
  EchoingServer(const EchoingServer&) = delete;
  EchoingServer& operator=(const EchoingServer&) = delete;

  RawPeer Connect() {
    RawPeer peer = RawPeer::To(server_.port());
    peer.Send(kHandshake);
    EXPECT_THAT(peer.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
    // The client may know it first.
    for (bool used = false; !used; server_.Do([&] { used = is_used_; })) std::this_thread::yield();
    return peer;
  }
  WebSocketEnd End() { return end_.get_future().get(); }
  std::shared_ptr<WebSocket> socket() { return socket_.lock(); }
  TestServer& server() { return server_; }

 private:
  void Use(const std::shared_ptr<WebSocket>& socket) {
    socket_ = socket;
    is_used_ = true;
    socket->OnMessage(
        [weak = socket_](const std::string& text) { weak.lock()->Send("<" + text + ">"); });
    socket->OnEnd([this, told = false](WebSocketEnd end) mutable {
      EXPECT_FALSE(std::exchange(told, true)) << "a second end";
      if (!std::exchange(has_ended_, true)) end_.set_value(std::move(end));
    });
  }

  std::weak_ptr<WebSocket> socket_;
  bool is_used_ = false;
  std::promise<WebSocketEnd> end_;  // of the first connection that ended
  bool has_ended_ = false;
  TestServer server_;
};

TEST(WebSocket, HandshakeIsThatOfTheStandard) {
  EchoingServer echo;
  RawPeer peer = RawPeer::To(echo.server().port());
  peer.Send(kHandshake);
  const std::string answer = peer.ReadUntil("\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
}

TEST(WebSocket, AnswersMessagesInOrderUnmasked) {
  EchoingServer echo;
  RawPeer peer = RawPeer::To(echo.server().port());
  peer.Send(std::string(kHandshake) + Text("a"));  // right behind the request
  peer.Send(Text("bc"));
  peer.ReadUntil("\r\n\r\n");
  EXPECT_EQ(peer.ReadSize(5), "\x81\x03<a>");
  EXPECT_EQ(peer.ReadSize(6), "\x81\x04<bc>");
}

TEST(WebSocket, JoinsFragmentsAndAnswersPingsBetweenThem) {
  EchoingServer echo;
  RawPeer peer = echo.Connect();
  peer.Send(Frame(0x01, "a") + Frame(0x89, "ping") + Frame(0x80, "b"));
  EXPECT_EQ(peer.ReadSize(6), "\x8a\x04ping");
  EXPECT_EQ(peer.ReadSize(6), "\x81\x04<ab>");
}

TEST(WebSocket, EndsWithThePeersCodeAndReason) {
  EchoingServer echo;
  RawPeer peer = echo.Connect();
  peer.Send(CloseFrame(4001, "bored"));
  ExpectClose(peer, 4001);
  EXPECT_EQ(peer.ReadToEnd(), "");
  peer.Close();
  const WebSocketEnd end = echo.End();
  EXPECT_EQ(end.code, 4001);
  EXPECT_EQ(end.reason, "bored");
}

TEST(WebSocket, EndsWithoutACodeOrWithoutAWord) {
  EchoingServer silent;
  silent.Connect().Send(Frame(0x88, ""));
  EXPECT_EQ(silent.End().code, 1005);
  EchoingServer broken;
  broken.Connect().Close();
  EXPECT_EQ(broken.End().code, 1006);
}

TEST(WebSocket, RefusesWhatItDoesNotTakeByCode) {
  const auto refused = [](const std::string& frames, int code) {
    SCOPED_TRACE(code);
    EchoingServer echo({.max_message = 100});
    RawPeer peer = echo.Connect();
    peer.Send(frames);
    ExpectClose(peer, code);
    peer.Send(CloseFrame(code, ""));
    EXPECT_EQ(peer.ReadToEnd(), "");
    peer.Close();
    EXPECT_EQ(echo.End().code, code);
  };
  refused(Text(std::string(101, 'x')), 1009);
  refused(Frame(0x01, std::string(60, 'x')) + Frame(0x80, std::string(60, 'x')), 1009);
  refused(Frame(0x82, "binary"), 1003);
  refused(Text("\xff\xfe"), 1007);
  refused(Text("\xed\xa0\x80"), 1007);  // a surrogate
  refused("\x81\x01x", 1002);           // without a mask
  refused(Frame(0x80, "x"), 1002);      // continues nothing
  refused(Frame(0xc1, "x"), 1002);      // a reserved bit
  refused(Frame(0x83, "x"), 1002);      // a reserved opcode
  refused(Frame(0x09, "x"), 1002);      // a ping in fragments
  refused(CloseFrame(1005, ""), 1002);  // not to be sent
  refused(Frame(0x88, "x"), 1002);      // half a code
}

TEST(WebSocket, LetsAPeerThatSendsOnHearWhyItEnds) {
  EchoingServer echo({.max_message = 100});
  RawPeer peer = echo.Connect();
  std::string frame = {'\x81', '\xff', 0, 0, 0, 0, 0, '\x7a', 0x12, 0, 0, 0, 0, 0};
  peer.Send(frame + std::string(8'000'000, 'x'));
  ExpectClose(peer, 1009);
  peer.Close();
  EXPECT_EQ(echo.End().code, 1009);
}

TEST(WebSocket, ClosesOnceAllIsSent) {
  EchoingServer echo;
  RawPeer peer = echo.Connect();
  echo.server().Do([&] {
    const auto socket = echo.socket();
    socket->Send("1");
    socket->Send("2");
    socket->Close(1000, "ConnectionExpired: Reconnect to continue");
    socket->Send("dropped");
  });
  EXPECT_EQ(peer.ReadSize(6),
            "\x81\x01"
            "1\x81\x01"
            "2");
  ExpectClose(peer, 1000);
  peer.Send(Text("too late") + CloseFrame(1000, ""));
  EXPECT_EQ(peer.ReadToEnd(), "");
  peer.Close();
  const WebSocketEnd end = echo.End();
  EXPECT_EQ(end.code, 1000);
  EXPECT_EQ(end.reason, "ConnectionExpired: Reconnect to continue");
}

TEST(WebSocket, CutsAReasonBetweenCharacters) {
  EchoingServer echo;
  RawPeer peer = echo.Connect();
  std::string reason;
  for (int i = 0; i < 100; ++i) reason += "\xc3\xa9";
  echo.server().Do([&] { echo.socket()->Close(1000, reason); });
  EXPECT_EQ(peer.ReadSize(4).substr(0, 2), "\x88\x7c");
  EXPECT_EQ(peer.ReadSize(122), reason.substr(0, 122));
}

TEST(WebSocket, IsDroppedWhenItsPeerDoesNotRead) {
  EchoingServer echo({.max_queued = 1 << 20});
  RawPeer peer = echo.Connect();
  echo.server().Do([&] {
    const auto socket = echo.socket();
    while (socket->queued_bytes() < (1 << 20) - 100'000) socket->Send(std::string(100'000, 'x'));
    EXPECT_GT(socket->queued_bytes(), 0u);
    socket->Send(std::string(1 << 20, 'x'));
  });
  EXPECT_EQ(echo.End().code, 1006);
  echo.server().Do([] {});  // what told the end has returned
  EXPECT_EQ(echo.socket(), nullptr);
}

TEST(WebSocket, IsDroppedWhenAMessageIsNotTakenInTime) {
  EchoingServer echo({.max_queued = 64 << 20, .send_timeout = milliseconds(60)});
  RawPeer peer = echo.Connect();
  echo.server().Do([&] { echo.socket()->Send(std::string(32 << 20, 'x')); });
  EXPECT_EQ(echo.End().code, 1006);
}

TEST(WebSocket, OutlivesItsServer) {
  EchoingServer echo;
  RawPeer peer = echo.Connect();
  echo.server().StopServing();
  peer.Send(Text("still"));
  EXPECT_EQ(peer.ReadSize(9), "\x81\x07<still>");
}

class Upgrading : public testing::Test {
 protected:
  std::promise<std::pair<Request, std::shared_ptr<Upgrade>>> asked_;
  TestServer server_{
      {.handlers = {
           .request = [](const Request&, const Respond& respond) { respond({.body = "plain"}); },
           .upgrade =
               [this](Request request, std::shared_ptr<Upgrade> upgrade) {
                 asked_.set_value({std::move(request), std::move(upgrade)});
               }}}};
};

TEST_F(Upgrading, IsRefusedLaterAndTheConnectionGoesOn) {
  RawPeer peer = RawPeer::To(server_.port());
  peer.Send(kHandshake);
  auto [request, upgrade] = asked_.get_future().get();
  EXPECT_EQ(request.target, "/ws?a=b%20c");
  EXPECT_EQ(request.headers.Find("sec-websocket-version"), "13");
  server_.Do([&, upgrade = upgrade] { upgrade->Refuse({.status = 403, .body = "no"}); });
  EXPECT_THAT(peer.ReadResponse(), StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  peer.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(peer.ReadResponse(), testing::EndsWith("plain"));
}

TEST_F(Upgrading, IsAcceptedLater) {
  RawPeer peer = RawPeer::To(server_.port());
  peer.Send(std::string(kHandshake) + Text("early"));
  auto [request, upgrade] = asked_.get_future().get();
  std::promise<std::string> message;
  server_.Do([&, upgrade = upgrade] {
    upgrade->Accept({}, [&](const std::shared_ptr<WebSocket>& socket) {
      socket->OnMessage([&](std::string text) { message.set_value(std::move(text)); });
    });
  });
  EXPECT_THAT(peer.ReadUntil("\r\n\r\n"), StartsWith("HTTP/1.1 101 "));
  EXPECT_EQ(message.get_future().get(), "early");
}

TEST_F(Upgrading, IsAnsweredIfForgotten) {
  RawPeer peer = RawPeer::To(server_.port());
  peer.Send(kHandshake);
  auto asked = asked_.get_future().get();
  server_.Do([&] { asked.second.reset(); });
  EXPECT_THAT(peer.ReadResponse(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(Upgrading, IsNothingOnceTheClientIsGone) {
  RawPeer peer = RawPeer::To(server_.port());
  peer.Send(kHandshake);
  auto asked = asked_.get_future().get();
  server_.StopServing();
  EXPECT_EQ(peer.ReadToEnd(), "");
  peer.Close();
  server_.Do([&] {
    asked.second->Accept({}, [](const auto&) { ADD_FAILURE() << "connected to nobody"; });
    asked.second.reset();
  });
}

TEST_F(Upgrading, NeedsAVersionAndAKey) {
  const auto answer_to = [&](const std::string& fields) {
    RawPeer peer = RawPeer::To(server_.port());
    peer.Send("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
              fields + "\r\n");
    return peer.ReadResponse();
  };
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  EXPECT_THAT(answer_to("Sec-WebSocket-Version: 13\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n"),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer_to(key), StartsWith("HTTP/1.1 426 "));
  const std::string old = answer_to(key + "Sec-WebSocket-Version: 8\r\n");
  EXPECT_THAT(old, StartsWith("HTTP/1.1 426 "));
  EXPECT_THAT(old, HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
}

TEST(WebSocket, IsRefusedWithoutAHandler) {
  TestServer server(
      {.handlers = {.request = [](const Request&, const Respond& respond) { respond({}); }}});
  RawPeer peer = RawPeer::To(server.port());
  peer.Send(kHandshake);
  EXPECT_THAT(peer.ReadResponse(), StartsWith("HTTP/1.1 400 "));
}

// -- with our client on the other side
// -------------------------------------------------------------

TEST(WebSocket, BigMessagesGoThereAndBack) {
  EchoingServer echo;
  IoLoop loop;
  Client client(loop, {});
  const std::string big(3'000'000, 'x');
  std::vector<size_t> sizes;
  client.OpenWebSocket(echo.server().At("/ws"), {}, {}, [&](Result<WebSocketAnswer> answer) {
    ASSERT_TRUE(answer) << answer.error().message();
    const auto socket = answer->socket;
    ASSERT_NE(socket, nullptr);
    socket->OnMessage([&, socket](const std::string& text) {
      sizes.push_back(text.size());
      if (sizes.size() == 2) socket->Close(1000, "enough");
    });
    socket->OnEnd([&](const WebSocketEnd& end) {
      EXPECT_EQ(end.code, 1000);
      EXPECT_EQ(end.reason, "enough");
      loop.Stop();
    });
    socket->Send(big);
    socket->Send("small");
  });
  loop.Run();
  EXPECT_THAT(sizes, ElementsAre(big.size() + 2, 7));
  EXPECT_EQ(echo.End().code, 1000);
}

TEST(WebSocket, ClientSeesAServerThatVanishesAndComesBack) {
  EchoingServer echo;
  IoLoop loop;
  Client client(loop, {});
  std::vector<uint16_t> ends;
  std::function<void()> drop;
  std::function<void()> open = [&] {
    client.OpenWebSocket(echo.server().At("/ws"), {}, {}, [&](Result<WebSocketAnswer> answer) {
      ASSERT_TRUE(answer && answer->socket);
      if (ends.size() == 1) return loop.Stop();
      answer->socket->OnEnd([&](const WebSocketEnd& end) {
        ends.push_back(end.code);
        open();
      });
      // Once the server has it, too.
      drop = [&] {
        const auto socket = echo.socket();
        socket ? socket->Drop() : echo.server().loop().Post(drop);
      };
      echo.server().loop().Post(drop);
    });
  };
  open();
  loop.Run();
  EXPECT_THAT(ends, ElementsAre(1006));
}

TEST(WebSocket, ClientMasksAndDoesNotFragment) {
  std::promise<std::string> seen;
  RawServer server([&](RawPeer peer) {
    std::string request = peer.ReadUntil("\r\n\r\n");
    peer.Send(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Accept: wrong\r\n\r\n");
    seen.set_value(request);
  });
  IoLoop loop;
  Client client(loop, {});
  const Headers headers = {{"Authorization", "AWS4-HMAC-SHA256 Credential=a, Signature=b"},
                           {"x-Amz-Date", "20150830T123600Z"}};
  client.OpenWebSocket(server.At("/acs/ws?x=1+2"), headers, {},
                       [&](Result<WebSocketAnswer> answer) {
                         ASSERT_FALSE(answer);
                         EXPECT_TRUE(answer.error().Is(EPROTO)) << answer.error().message();
                         loop.Stop();
                       });
  loop.Run();
  const std::string request = seen.get_future().get();
  EXPECT_THAT(request, StartsWith("GET /acs/ws?x=1+2 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nHost: " + server.At("/").Authority() + "\r\n"));
  EXPECT_THAT(request,
              HasSubstr("\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a, Signature=b\r\n"));
  EXPECT_THAT(request, HasSubstr("\r\nx-Amz-Date: 20150830T123600Z\r\n"));
}

TEST_F(Upgrading, ClientGetsTheWholeRefusal) {
  IoLoop loop;
  Client client(loop, {});
  client.OpenWebSocket(server_.At("/ws"), {}, {}, [&](Result<WebSocketAnswer> answer) {
    ASSERT_TRUE(answer) << answer.error().message();
    EXPECT_EQ(answer->socket, nullptr);
    EXPECT_EQ(answer->refusal.status, 400);
    EXPECT_EQ(answer->refusal.headers.Find("x-why"), "because");
    EXPECT_EQ(answer->refusal.body, std::string(20'000, 'n'));
    loop.Stop();
  });
  std::thread refuse([&] {
    const auto asked = asked_.get_future().get();
    server_.Do([&] {
      asked.second->Refuse(
          {.status = 400, .headers = {{"X-Why", "because"}}, .body = std::string(20'000, 'n')});
    });
  });
  loop.Run();
  refuse.join();
}

TEST(WebSocket, ClientGivesUpOnAServerThatSaysNothing) {
  RawServer server([](RawPeer peer) { peer.ReadToEnd(); });
  IoLoop loop;
  Client client(loop, {.total_timeout = milliseconds(50)});
  client.OpenWebSocket(server.At("/"), {}, {}, [&](Result<WebSocketAnswer> answer) {
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().Is(ETIMEDOUT)) << answer.error().message();
    loop.Stop();
  });
  loop.Run();
}

}  // namespace
}  // namespace berth::http
