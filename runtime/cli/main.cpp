// berth-runtime: an OCI runtime, callable in the place of runc and crun. Static, to be quick: what
// needs systemd's library, which can't be linked in, is berth-runtime-systemd's.
#include "runtime/cli/program.h"

int main(int, char** argv) { return berth::runtime::cli::RunProgram(argv, nullptr); }
