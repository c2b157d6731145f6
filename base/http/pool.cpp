#include "base/http/pool.h"

#include <algorithm>

namespace berth::http {
namespace {

constexpr std::chrono::milliseconds kLongestIdle{50'000};
constexpr size_t kMostOfOneOrigin = 16;

}  // namespace

std::shared_ptr<ClientConnection> ClientConnection::Make(std::shared_ptr<Transport> transport) {
  std::shared_ptr<ClientConnection> connection(new ClientConnection(std::move(transport)));
  connection->Read();
  return connection;
}

void ClientConnection::Write(std::string text) {
  writing_ = true;
  transport_->Write(std::move(text), [self = shared_from_this()](int) { self->writing_ = false; });
}

void ClientConnection::Close() {
  over_ = true;
  receiver_ = nullptr;
  transport_->Close();
}

void ClientConnection::Read() {
  transport_->Read([self = shared_from_this()](int error, std::string_view data) {
    if (error != 0 || data.empty()) self->over_ = true;
    const Receiver receiver = self->receiver_;  // may be replaced while it works
    if (receiver) receiver(error, data);
    if (!self->over_) self->Read();
  });
}

Pool::~Pool() {
  for (const auto& [origin, connections] : idle_) {
    for (const Idle& idle : connections) idle.connection->Close();
  }
}

std::shared_ptr<ClientConnection> Pool::Take(const std::string& origin) {
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return nullptr;
  auto connection = std::move(found->second.back().connection);
  found->second.pop_back();
  if (found->second.empty()) idle_.erase(found);
  connection->SetReceiver(nullptr);
  return connection;
}

void Pool::Keep(const std::string& origin, std::shared_ptr<ClientConnection> connection) {
  auto& connections = idle_[origin];
  if (connections.size() >= kMostOfOneOrigin) return connection->Close();
  const auto discard = [weak = weak_from_this(), origin, raw = connection.get()] {
    if (const auto self = weak.lock()) self->Discard(origin, raw);
  };
  // Whatever comes now, it is not what anybody asked for.
  connection->SetReceiver([discard](int, std::string_view) { discard(); });
  connections.push_back({std::move(connection), loop_.After(kLongestIdle, discard)});
}

void Pool::Discard(const std::string& origin, const ClientConnection* connection) {
  const auto found = idle_.find(origin);
  if (found == idle_.end()) return;
  std::erase_if(found->second, [&](const Idle& idle) {
    if (idle.connection.get() != connection) return false;
    idle.connection->Close();
    return true;
  });
  if (found->second.empty()) idle_.erase(found);
}

}  // namespace berth::http
