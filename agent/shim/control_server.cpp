#include "agent/shim/control_server.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/fd_passing.h"

namespace berth::agent::shim {
namespace {

// A client that does not read its replies is not waited for.
void Answer(const UniqueFd& socket, const Reply& reply) {
  if (socket) (void)SendMessage(socket.get(), EncodeReply(reply)).has_value();
}

}  // namespace

ControlServer::ControlServer(Supervisor& supervisor, UniqueFd listener)
    : supervisor_(supervisor), listener_(std::move(listener)) {}

Result<std::unique_ptr<ControlServer>> ControlServer::Start(Supervisor& supervisor) {
  UniqueFd listener = TRY(ListenControl(supervisor.plan().control_socket));
  std::unique_ptr<ControlServer> server(new ControlServer(supervisor, std::move(listener)));
  TRY(supervisor.loop().Watch(server->listener_.get(),
                              [raw = server.get()](uint32_t) { raw->Accept(); }));
  supervisor.OnNews([raw = server.get()] { raw->TellOwners(); });
  return server;
}

ControlServer::~ControlServer() {
  supervisor_.OnNews(nullptr);
  supervisor_.loop().Unwatch(listener_.get());
  for (const auto& [fd, client] : clients_) supervisor_.loop().Unwatch(fd);
  ::unlink(supervisor_.plan().control_socket.c_str());
}

// An owner whose socket is full has unread news already: it will read this, too.
void ControlServer::TellOwners() {
  for (const auto& [fd, client] : clients_) {
    if (client->owner) Answer(client->socket, {.kind = Reply::Kind::kNews});
  }
}

bool ControlServer::Owned() const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [](const auto& entry) { return entry.second->owner; });
}

void ControlServer::Accept() {
  const auto client = std::make_shared<Client>();
  client->socket =
      UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  const int fd = client->socket.get();
  if (fd < 0) return;
  if (supervisor_.loop().Watch(fd, [this, fd](uint32_t) { Receive(fd); })) clients_[fd] = client;
}

void ControlServer::Receive(int fd) {
  const std::shared_ptr<Client> client = clients_.at(fd);
  auto message = ReceiveMessage(fd, kMaxControlMessage);
  if (!message && message.error().Is(EAGAIN)) return;
  if (!message || message->closed) {
    supervisor_.loop().Unwatch(fd);
    clients_.erase(fd);
    client->socket.Reset();
    return;
  }
  const auto request = DecodeRequest(message->bytes);
  const auto handled = request ? Handle(client, *request, message->fds) : request.error();
  if (!handled) {
    Answer(client->socket, {.kind = Reply::Kind::kFailed,
                            .number = handled.error().code(),
                            .message = handled.error().message()});
  }
}

Result<void> ControlServer::Handle(const std::shared_ptr<Client>& client, const Request& request,
                                   const std::vector<UniqueFd>& fds) {
  switch (request.kind) {
    case Request::Kind::kStop:
      supervisor_.StopTask(request.stop_code, request.reason, request.stop_timeout);
      break;
    case Request::Kind::kOwn:
      client->owner = true;
      break;
    case Request::Kind::kExec:
      return HandleExec(client, request, fds);
    case Request::Kind::kSignal:
      // No reply: the only news is the exit code, and that comes by itself.
      if (client->exec_pid > 0) ::kill(client->exec_pid, request.signal);
      return {};
  }
  Answer(client->socket, {.kind = Reply::Kind::kDone});
  return {};
}

Result<void> ControlServer::HandleExec(const std::shared_ptr<Client>& client,
                                       const Request& request, const std::vector<UniqueFd>& fds) {
  if (request.args.empty()) return MakeError("no program to execute");
  if (client->exec_pid > 0) return MakeError("one process a connection");
  if (fds.size() != (request.terminal ? 1 : 3)) return MakeError("wrong number of descriptors");
  const size_t index = TRY(supervisor_.FindRunning(request.container));
  LaunchStdio stdio;
  if (request.terminal) {
    stdio.console_socket = fds[0].get();
  } else {
    stdio = {.in = fds[0].get(), .out = fds[1].get(), .err = fds[2].get()};
  }
  return supervisor_.Exec(
      index, request, stdio,
      {.started =
           [client](Result<pid_t> pid) {
             if (pid) {
               client->exec_pid = *pid;
               Answer(client->socket, {.kind = Reply::Kind::kStarted, .number = *pid});
             } else {
               Answer(client->socket, {.kind = Reply::Kind::kFailed,
                                       .number = pid.error().code(),
                                       .message = pid.error().message()});
             }
           },
       .exited =
           [client](ExitStatus status) {
             client->exec_pid = -1;
             Answer(client->socket, {.kind = Reply::Kind::kExited, .number = status.code});
           }});
}

}  // namespace berth::agent::shim
