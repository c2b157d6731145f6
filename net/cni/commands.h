// What the plugin does, command by command.
#pragma once

#include <functional>
#include <string>

#include "net/cni/config.h"
#include "net/cni/protocol.h"
#include "net/cni/store.h"

namespace berth::net::cni {

/// Where the plugin keeps things, and what it shares with the agent.
struct Paths {
  std::string run = "/run/berth";
  std::string root = "/var/lib/berth";

  std::string State() const { return run + "/cni"; }
  /// The agent's as well: both change one table.
  std::string NetLock() const { return root + "/net.lock"; }
};

/// What one call is about and has to work with.
struct Call {
  Request request;
  const Json& document;
  Paths paths;

  AttachmentKey Key(const NetworkHeader& header) const {
    return {.network = header.name, .containerId = request.containerId, .ifname = request.ifname};
  }
};

/// What there is to tell the runtime, and what need not keep it waiting.
struct Done {
  std::string out;
  /// Runs once the runtime has its answer; may be cut short without harm. Who has it outlives the
  /// plugin, and so takes it upon himself to close the firewall's socket: the kernel keeps whoever
  /// does that waiting for what was deleted lately, rules of groups that ADD has rewritten too.
  std::function<void()> afterwards;
};

Answer<Done> Add(const Call& call);
/// Cuts the container off and gives all of it back; the interface itself goes afterwards, which
/// takes the kernel 20 ms. What is missing is no failure, neither the namespace nor all memory of
/// the attachment.
Answer<Done> Del(const Call& call);
/// Fails with kNotAsAdded and a list of what is missing or changed.
Answer<Done> Check(const Call& call);
/// Removes the network's attachments that the runtime does not name, and what belongs to none.
Answer<Done> CollectGarbage(const Call& call);
/// Fails with kNotAvailable where ADD could not succeed.
Answer<Done> Status(const Call& call);

/// The state, ready for use. The first call since the boot removes what the firewall has been told
/// of before it.
Answer<Store> OpenStore(const Paths& paths);

/// The attachment that a record and the network's configuration make together.
Attachment Plan(const Record& record, const NetworkConfig& config);

/// Reads the document, does what is asked and writes the answer. Returns the exit status, and sets
/// `afterwards` to what is left to do.
struct Outcome {
  int status = 0;
  std::string out;
  std::function<void()> afterwards;
};
Outcome Run(const Variables& variables, const Result<std::string>& standard_input,
            const Paths& paths);

}  // namespace berth::net::cni
