#!/usr/bin/python3 -B
"""Plays `criu swrk FD`: answers one request as FAKE_CRIU, a JSON object, has it.

    log       file that gets what was asked, a line of JSON each: requests, and answers to notifications
    notify    notifications to send before the answer
    fail      words of an error for the log; the answer is a failure then
    words     the same, for standard error and without an answer
    garbage   the answer is none
    freeze    stops the container's cgroup and ends without an answer
    restore   words of a program to run as the restored first process
    linger    seconds from killing a container that is saved to the answer
    master    the notification "orphan-pts-master" comes with a new terminal's master side

Requests are read with Google's library, so that they are what CRIU would read. files.img, with the
files that a dump is to leave out, is written by CRIU's own.
"""

import array
import ctypes
import json
import os
import pathlib
import signal
import socket
import sys
import time

from google.protobuf.json_format import MessageToDict
from pycriu import images
from pycriu import rpc_pb2 as rpc

CLONE_PARENT = 0x8000
SYS_CLONE = 56 if os.uname().machine == "x86_64" else 220


class Criu:
    def __init__(self, fd, play):
        self.client = socket.socket(fileno=fd)
        self.play = play
        self.pid = 0

    def note(self, **what):
        with open(self.play["log"], "a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def receive(self):
        request = rpc.criu_req()
        request.ParseFromString(self.client.recv(1 << 16))
        return request

    def respond(self, type_, success, **fields):
        response = rpc.criu_resp(type=type_, success=success, **fields)
        self.client.send(response.SerializeToString())

    def work_log(self, options):
        fd = options.work_dir_fd if options.HasField("work_dir_fd") else options.images_dir_fd
        return pathlib.Path(f"/proc/{os.getppid()}/fd/{fd}") / options.log_file

    def notify(self, script):
        response = rpc.criu_resp(type=rpc.NOTIFY, success=True,
                                 notify=rpc.criu_notify(script=script, pid=self.pid))
        rights = []
        if script == "orphan-pts-master" and self.play.get("master"):
            master, _ = os.openpty()
            os.write(master, b"typed\n")  # echoed: there for the caller to read
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [master]))]
        self.client.sendmsg([response.SerializeToString()], rights)
        answer = self.receive()
        self.note(notified=script, success=answer.notify_success)
        return answer.notify_success

    def make_process(self):
        """A sibling, as rst_sibling has it, that waits until the restoration is over."""
        ready, go = os.pipe()
        pid = ctypes.CDLL(None).syscall(SYS_CLONE, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            os.close(go)
            if os.read(ready, 1) == b"":
                os._exit(1)
            words = self.play["restore"]
            self.client.close()
            os.execv(words[0], words)
        os.close(ready)
        self.pid = pid
        return go

    def save_files(self, options):
        """As if they were temporary files that something is written to."""
        files = [{"type": "REG", "id": id_, "reg": {
            "id": id_, "flags": os.O_WRONLY | os.O_TMPFILE | os.O_NOFOLLOW, "pos": 7, "size": 7,
            "fown": {"uid": 0, "euid": 0, "signum": 0, "pid_type": 0, "pid": 0},
            "name": name, "mnt_id": -1, "ext": True, "mode": 0o100600}}
            for id_, name in enumerate(dict.fromkeys(options.external), 1) if name.startswith("file[")]
        files.append({"type": "REG", "id": 100, "reg": {**files[0]["reg"], "name": "/mine"}}
                     if files else {"type": "UND", "id": 100})
        path = pathlib.Path(f"/proc/{os.getppid()}/fd/{options.images_dir_fd}/files.img")
        with open(path, "wb") as file:
            images.dump({"magic": "FILES", "entries": files}, file)

    def serve(self):
        request = self.receive()
        self.note(request=MessageToDict(request, preserving_proto_field_name=True),
                  cgroup=pathlib.Path("/proc/self/cgroup").read_text(encoding="ascii"),
                  fds={fd: os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                       if os.path.exists(f"/proc/self/fd/{fd}")},
                  mounts=[line.split()[4] for line in open("/proc/self/mountinfo", encoding="utf-8")])
        self.work_log(request.opts).write_text(
            f"(00.1) Fake\n(00.2)   7: Error (fake.c:1): {self.play.get('fail')}\n"
            if "fail" in self.play else "(00.1) Fake\n")
        if "freeze" in self.play:
            path = pathlib.Path(request.opts.freeze_cgroup) / "cgroup.freeze"
            path.write_text("1", encoding="ascii")
            os.kill(os.getpid(), signal.SIGKILL)
        if "garbage" in self.play:
            self.client.send(b"\xff\xff\xff")
            return 0
        go = self.make_process() if "restore" in self.play else None
        for script in self.play.get("notify", []):
            if not self.notify(script):
                if self.pid:
                    os.kill(self.pid, signal.SIGKILL)
                self.respond(request.type, False)
                return 1
        if "fail" in self.play:
            self.respond(request.type, False, cr_errno=5)
            return 1
        if request.type == rpc.DUMP:
            self.save_files(request.opts)
            if not request.opts.leave_running:
                os.kill(request.opts.pid, signal.SIGKILL)
                time.sleep(self.play.get("linger", 0))
        self.respond(request.type, True, restore=rpc.criu_restore_resp(pid=self.pid))
        if go is not None:
            os.write(go, b"!")
        return 0


def main():
    play = json.loads(os.environ["FAKE_CRIU"])
    if sys.argv[1] != "swrk":
        sys.exit(2)
    if "words" in play:
        sys.exit(play["words"])
    sys.exit(Criu(int(sys.argv[2]), play).serve())


if __name__ == "__main__":
    main()
