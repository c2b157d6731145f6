// berth-init: the first process of a container whose definition asks for one (initProcessEnabled).
//
//   berth-init -- PROGRAM [ARGUMENT...]
//
// Starts the program, hands signals on to it, reaps what is orphaned, and ends as the program ends:
// what Docker's --init does. Plain C calls only: it lives as long as the container.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>

namespace {

// Reaps all that has ended. The program's own end is returned as its exit code, else -1.
int Reap(pid_t program) {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == program) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }
  return -1;
}

[[noreturn]] void Execute(char** argv, const sigset_t& mask) {
  ::setpgid(0, 0);
  if (::isatty(STDIN_FILENO) != 0) ::tcsetpgrp(STDIN_FILENO, ::getpid());
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::signal(SIGTTOU, SIG_DFL);
  ::execvp(argv[0], argv);
  const int code = errno;
  std::fprintf(stderr, "berth-init: %s: %s\n", argv[0], std::strerror(code));
  ::_exit(code == ENOENT ? 127 : 126);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || std::strcmp(argv[1], "--") != 0) {
    std::fputs("usage: berth-init -- PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigdelset(&all, fault);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  ::signal(SIGTTOU, SIG_IGN);  // giving the terminal away must not stop us
  const pid_t program = ::fork();
  if (program < 0) {
    std::perror("berth-init: fork");
    return 1;
  }
  if (program == 0) Execute(argv + 2, before);
  for (;;) {
    int signal = 0;
    if (::sigwait(&all, &signal) != 0) continue;
    if (signal != SIGCHLD) {
      ::kill(program, signal);
      continue;
    }
    if (const int code = Reap(program); code >= 0) return code;
  }
}
