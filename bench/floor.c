// floor: what a container costs at least. Runs one program in new namespaces with the mounts,
// devices, masked paths and read-only paths of `runc spec`, by bare system calls in a fixed order.
//
//   floor ROOT PROGRAM [ARGUMENT...]
//
// It reads no configuration, checks nothing, writes down nothing, sets no capabilities, limits or
// filters: what a runtime does beyond this is the price of being one.
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int result, const char* what) {
  if (result >= 0) return;
  perror(what);
  _exit(127);
}

static void mount_all(const char* root) {
  static const struct {
    const char *type, *target, *data;
    unsigned long flags;
  } mounts[] = {
      {"proc", "proc", 0, 0},
      {"tmpfs", "dev", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME},
      {"devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC},
      {"tmpfs", "dev/shm", "mode=1777,size=65536k", MS_NOSUID | MS_NOEXEC | MS_NODEV},
      {"mqueue", "dev/mqueue", 0, MS_NOSUID | MS_NOEXEC | MS_NODEV},
      {"sysfs", "sys", 0, MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY},
  };
  need(mount("", "/", 0, MS_REC | MS_SLAVE, 0), "make / a slave");
  need(mount(root, root, 0, MS_BIND | MS_REC, 0), root);
  need(chdir(root), root);
  for (unsigned i = 0; i < sizeof mounts / sizeof *mounts; ++i) {
    mkdir(mounts[i].target, 0755);
    need(mount(mounts[i].type, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].data),
         mounts[i].target);
  }
}

static void make_devices(void) {
  static const struct {
    const char* path;
    int major, minor;
  } devices[] = {{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
                 {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
  static const char* const links[][2] = {
      {"/proc/self/fd", "dev/fd"},         {"/proc/self/fd/0", "dev/stdin"},
      {"/proc/self/fd/1", "dev/stdout"},   {"/proc/self/fd/2", "dev/stderr"},
      {"/proc/kcore", "dev/core"},         {"pts/ptmx", "dev/ptmx"}};
  for (unsigned i = 0; i < 6; ++i) {
    need(mknod(devices[i].path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)),
         devices[i].path);
    need(symlink(links[i][0], links[i][1]), links[i][1]);
  }
}

static void cover(void) {
  static const char* const files[] = {"proc/kcore", "proc/keys", "proc/latency_stats",
                                      "proc/timer_list", "proc/timer_stats", "proc/sched_debug"};
  static const char* const directories[] = {"proc/acpi", "proc/asound", "sys/firmware",
                                            "proc/scsi"};
  static const char* const read_only[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys",
                                          "proc/sysrq-trigger"};
  for (unsigned i = 0; i < 6; ++i) mount("/dev/null", files[i], 0, MS_BIND, 0);
  for (unsigned i = 0; i < 4; ++i) mount("tmpfs", directories[i], "tmpfs", MS_RDONLY, 0);
  for (unsigned i = 0; i < 5; ++i) {
    if (mount(read_only[i], read_only[i], 0, MS_BIND | MS_REC, 0) < 0) continue;
    mount(0, read_only[i], 0, MS_BIND | MS_REMOUNT | MS_RDONLY, 0);
  }
}

static char** command;

static int in_container(void* root) {
  mount_all(root);
  make_devices();
  cover();
  need(sethostname("floor", 5), "set the host name");
  need((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
  need(umount2(".", MNT_DETACH), "detach the old root");
  need(chdir("/"), "/");
  need(mount(0, "/", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0), "make / read-only");
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  execv(command[0], command);
  perror(command[0]);
  _exit(127);
}

int main(int argc, char** argv) {
  static char stack[1 << 16] __attribute__((aligned(16)));
  if (argc < 3) {
    fputs("usage: floor ROOT PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  command = argv + 2;
  const int flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
                    CLONE_VM | CLONE_VFORK | SIGCHLD;
  const int child = clone(in_container, stack + sizeof stack, flags, argv[1]);
  need(child, "clone");
  int status = 0;
  need(waitpid(child, &status, 0), "wait");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
