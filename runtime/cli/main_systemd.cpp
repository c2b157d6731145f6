// berth-runtime-systemd: what berth-runtime becomes to talk to systemd.
#include "cgroups/scope.h"
#include "runtime/cli/program.h"

int main(int, char** argv) {
  const berth::runtime::cli::SystemdCalls systemd = {
      .make_scope = berth::cgroups::MakeScope,
      .update_scope = berth::cgroups::UpdateScope,
      .systemd_root = berth::cgroups::SystemdRoot,
  };
  return berth::runtime::cli::RunProgram(argv, &systemd);
}
