// Running hooks.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/hooks/container_state.h"
#include "runtime/spec/extensions.h"
#include "runtime/spec/hooks.h"

namespace berth::runtime {

/// Where hooks write to; empty: into what a message about their failure tells.
struct HookStreams {
  UniqueFd out;
  UniqueFd err;
};

/// Opens the files that annotations name, which are made if missing and appended to.
Result<HookStreams> OpenHookStreams(const Extensions& extensions);

/// Runs them one after the other, where the caller is: in its namespaces, its root and with its
/// rights. Each gets the state on its standard input. Fails at the first that can't be executed,
/// ends with another status than 0, or takes longer than its timeout, after which it is killed: the
/// message has its end and the last that it wrote. `kind` names the list in messages: "poststart".
Result<void> RunHooks(std::string_view kind, std::span<const Hook> hooks,
                      const ContainerState& state, const HookStreams& streams = {});

/// What is done from outside when the namespaces are there: the prestart hooks and the
/// createRuntime hooks, of a state that is kCreating.
Result<void> RunRuntimeHooks(const Hooks& hooks, const ContainerState& state,
                             const HookStreams& streams);

/// The same for poststop hooks, of which each has its turn: failures are warnings
/// (runtime.md, "Lifecycle").
void RunPoststopHooks(std::span<const Hook> hooks, const ContainerState& state,
                      const HookStreams& streams = {});

}  // namespace berth::runtime
