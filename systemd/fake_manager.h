// A manager that answers as a test tells it to, on a socket of its own: the calls' shapes, refusals
// and silences that are hard to get from a real one.
#pragma once

#include <systemd/sd-bus.h>

#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"

namespace berth::systemd {

/// Serves one connection on a thread of its own. A method that it has no answer for is never
/// answered.
class FakeManager {
 public:
  using Answer = std::function<int(sd_bus_message* call)>;

  explicit FakeManager(std::map<std::string, Answer> answers);
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;
  ~FakeManager();

  /// Where it answers, as a D-Bus address.
  const std::string& address() const { return address_; }
  /// The calls so far, as "StartTransientUnit ssa(sv)a(sa(sv)) berth-1.scope": the first argument
  /// is added if it is a string. Ends the manager.
  std::vector<std::string> Calls();

 private:
  void Serve();

  std::map<std::string, Answer> answers_;
  std::string address_;
  UniqueFd listener_;
  UniqueFd stop_;
  std::vector<std::string> calls_;
  std::thread thread_;
};

/// Answers with a job that ends with `result`; nullptr: it never ends. The signal comes before the
/// answer, as it may.
FakeManager::Answer AnswerJob(const char* result);
FakeManager::Answer AnswerError(const char* name, const char* message);
FakeManager::Answer AnswerNothing();
FakeManager::Answer AnswerStringProperty(const char* value);
/// One answer after the other, and the last for good.
FakeManager::Answer InTurn(std::vector<FakeManager::Answer> answers);

}  // namespace berth::systemd
