#include "agent/names/name_server.h"

#include "agent/names/keeper.h"

namespace berth::agent::names {

NameServer::NameServer(std::unique_ptr<Keeper> keeper)
    : keeper_(std::move(keeper)), thread_([this] { keeper_->Work(); }) {}

Result<std::unique_ptr<NameServer>> NameServer::Start(Setup setup) {
  auto keeper = TRY(Keeper::Make(setup.paths, setup.names));
  return std::unique_ptr<NameServer>(new NameServer(std::move(keeper)));
}

NameServer::~NameServer() {
  keeper_->AskToEnd();
  thread_.join();
}

void NameServer::SetServices(std::map<std::string, std::string> services) {
  keeper_->SetServices(std::move(services));
}

void NameServer::Reopen() { keeper_->AskToReopen(); }

}  // namespace berth::agent::names
