// berth-runtime: an OCI runtime, callable in the place of runc and crun. Static, to be quick: what
// needs systemd's library, which can't be linked in, is berth-runtime-systemd's.
#include <malloc.h>

#include "runtime/cli/program.h"

int main(int, char** argv) {
  // The heap grows once, by address space that costs nothing until it is written to.
  ::mallopt(M_TOP_PAD, 1 << 20);
  return berth::runtime::cli::RunProgram(argv, nullptr);
}
