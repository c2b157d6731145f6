// Where the agent keeps things.
#pragma once

#include <string>

namespace berth::agent {

/// All places derive from these, so that a task's id is enough to find what belongs to it.
struct Paths {
  std::string root = "/var/lib/berth";  // survives the boot
  std::string run = "/run/berth";       // dies with it
  std::string config = "/etc/berth/berth.json";

  std::string Database() const { return root + "/berth.db"; }
  std::string Images() const { return root + "/images"; }
  std::string SeccompCache() const { return root + "/seccomp"; }
  std::string Volumes() const { return root + "/volumes"; }
  /// With the state, since it tells one Berth from another in the same network namespace.
  std::string NetLock() const { return root + "/net.lock"; }
  /// There while berthd answers names: whom a new task is to ask (resolver_file.h).
  std::string Resolver() const { return run + "/resolver"; }

  std::string Tasks() const { return root + "/tasks"; }
  std::string Task(const std::string& id) const { return Tasks() + "/" + id; }
  std::string Plan(const std::string& id) const { return Task(id) + "/plan"; }
  std::string Journal(const std::string& id) const { return Task(id) + "/events"; }
  std::string TaskVolumes(const std::string& id) const { return Task(id) + "/volumes"; }
  std::string Bundle(const std::string& id, const std::string& container) const {
    return Task(id) + "/containers/" + container;
  }
  std::string Log(const std::string& id, const std::string& container) const {
    return Bundle(id, container) + "/log.json";
  }
  std::string ControlSocket(const std::string& id) const {
    // Short, since a socket's path may have 107 bytes.
    return run + "/" + id + ".sock";
  }
};

}  // namespace berth::agent
