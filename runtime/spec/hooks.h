// Programs of the host's that take part in a container's life: `hooks` of config.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace berth::runtime {

struct Hook {
  std::string path;                 // absolute
  std::vector<std::string> args;    // argv, the name included; empty: the path alone
  std::vector<std::string> env;     // all that it gets
  std::optional<uint32_t> timeout;  // seconds
  bool operator==(const Hook&) const = default;
};

/// By the moment at which they run, each list in its order (config.md, "POSIX-platform Hooks").
struct Hooks {
  std::vector<Hook> prestart;
  std::vector<Hook> createRuntime;
  std::vector<Hook> createContainer;
  std::vector<Hook> startContainer;
  std::vector<Hook> poststart;
  std::vector<Hook> poststop;
  bool operator==(const Hooks&) const = default;
};

}  // namespace berth::runtime
