// berth-cni: Berth's task networks for container runtimes that speak CNI.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "net/cni/commands.h"

namespace {

using namespace berth;

/// Does `work` in a child of its own, which the runtime does not wait for: the child has none of
/// its pipes. It ends after this process, so that sockets whose closing takes the kernel long are
/// closed by it.
void RunInBackground(const std::function<void()>& work) {
  auto pipe = sys::Pipe();
  if (!pipe) return;
  auto& [reader, writer] = *pipe;
  if (::fork() != 0) return (void)writer.Release();  // closed by the end of this process
  writer = {};
  const auto null = sys::Open("/dev/null", O_RDWR);
  for (int fd = STDIN_FILENO; null && fd <= STDERR_FILENO; ++fd) ::dup2(null->get(), fd);
  ::setsid();
  work();
  char end;
  (void)sys::Read(reader.get(), {&end, 1}).has_value();
  ::_exit(0);
}

}  // namespace

int main() {
  // The heap grows once, by address space that costs nothing until it is written to.
  ::mallopt(M_TOP_PAD, 1 << 20);
  constexpr size_t kMostInput = 16 << 20;
  const auto input = ReadAll(STDIN_FILENO, kMostInput);
  const auto outcome = net::cni::Run(net::cni::Variables::FromEnvironment(), input, {});
  if (!outcome.out.empty() && !sys::WriteAll(STDOUT_FILENO, outcome.out + "\n")) return 1;
  if (outcome.afterwards) RunInBackground(outcome.afterwards);
  ::_exit(outcome.status);
}
