"""Attempts to get out, and what is left of them: nothing."""

# Short programs are easier to read in one line.
# ruff: noqa: E501, PTH208

from __future__ import annotations

import os
import platform
import struct
from pathlib import Path

import pytest

from whetstone.envs.code.sandbox import Limits, Program, Sandbox, seccomp

# Each is a Python expression, or a block that sets `got`; it has got out if that is anything but None, False or -1.
PRELUDE = """
import ctypes, errno, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    return libc.syscall(ctypes.c_long(number), *(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments))
def read(path):
    fd = os.open(path, os.O_RDONLY)
    return os.read(fd, 99) or None
def write(path, flags=os.O_CREAT):
    fd = os.open(path, os.O_WRONLY | flags, 0o777)
    return os.write(fd, b'whetstone-escape') and None if path == '/dev/null' else True
parent = os.getppid()
got = None
try:
{block}
except BaseException as error:
    got = None
if got is not None and got is not False and got != -1:
    os.write(1, b'ESCAPED %r' % (repr(got)[:200],))
os.write(1, b'held')
"""

ESCAPES = {
    # processes
    "fork": "os.fork()",
    "forkpty": "os.forkpty()",
    "libc fork": "libc.fork()",
    "vfork": "libc.vfork()",
    "system": "os.system('true') == 0",
    "popen": "os.popen('echo x').read() or None",
    "posix_spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "subprocess": "__import__('subprocess').run(['/bin/sh', '-c', 'id'], capture_output=True).stdout or None",
    "multiprocessing": "__import__('multiprocessing').Process(target=print).start() or True",
    "execv": "os.execv('/bin/true', ['true'])",
    "exec of an open file": "os.execve(os.open(sys.executable, os.O_RDONLY), ['python'], {})",
    "exec of standard input": "os.execve(0, ['x'], {})",
    "unshare users": "libc.unshare(0x10000000)",
    "unshare mounts": "libc.unshare(0x20000)",
    "setns": "libc.setns(0, 0)",
    "setsid": "os.setsid() or True",
    "daemon": "libc.daemon(0, 0)",
    # signals
    "kill everyone": "os.kill(-1, 9) or True",
    "kill the group": "os.kill(0, 9) or True",
    "kill the server": "os.kill(parent, 9) or True",
    "ask for the server": "os.kill(parent, 0) or True",
    "kill pid 1": "os.kill(1, 9) or True",
    "killpg": "os.killpg(parent, 9) or True",
    "tgkill the server": "libc.tgkill(parent, parent, 9)",
    "pidfd": "os.pidfd_open(parent)",
    "sigqueue": "libc.sigqueue(parent, 9, 0)",
    "owner of a descriptor": "__import__('fcntl').fcntl(0, 8, parent) + 1",
    "signals on input": "__import__('fcntl').fcntl(0, 10, 9) + 1",
    # other processes' memory
    "ptrace": "libc.ptrace(16, parent, 0, 0)",
    "be traced": "libc.ptrace(0, 0, 0, 0)",
    "process_vm_readv": "libc.process_vm_readv(parent, (ctypes.c_long * 2)(), 1, (ctypes.c_long * 2)(), 1, 0)",
    "memory of the server": "os.open(f'/proc/{parent}/mem', os.O_RDONLY)",
    "own memory": "os.open('/proc/self/mem', os.O_RDWR)",
    "own maps": "read('/proc/self/maps')",
    "environment of the server": "read(f'/proc/{parent}/environ')",
    "descriptors of the server": "os.listdir(f'/proc/{parent}/fd')",
    "control socket": "os.open(f'/proc/{parent}/fd/0', os.O_RDWR)",
    "pid 1's environment": "read('/proc/1/environ')",
    "other processes": "[p for p in os.listdir('/proc') if p.isdigit()] or None",
    "command lines": "read(f'/proc/{parent}/cmdline')",
    "readlink": "os.readlink(f'/proc/{parent}/exe')",
    # the network
    "tcp": "__import__('_socket').socket(2, 1).connect(('127.0.0.1', 22)) or True",
    "udp": "__import__('_socket').socket(2, 2).sendto(b'x', ('127.0.0.1', 9))",
    "unix": "__import__('_socket').socket(1, 1) and True",
    "socketpair": "__import__('_socket').socketpair() and True",
    "netlink": "libc.socket(16, 3, 0)",
    "vsock": "libc.socket(40, 1, 0)",
    "packets": "libc.socket(17, 3, 0)",
    "raw": "libc.socket(2, 3, 1)",
    "resolver": "__import__('_socket').gethostbyname('localhost')",
    # files
    "passwd": "read('/etc/passwd')",
    "shadow": "read('/etc/shadow')",
    "list /": "os.listdir('/')",
    "list /tmp": "os.listdir('/tmp')",
    "list the working folder": "os.listdir('.')",
    "the source of the server": "read({server})",
    "packages installed": "next((p for p in os.walk(os.path.dirname(os.__file__) + '/site-packages') if p[2]), None)",
    "read of a package": "read({package})",
    "this test": "read({test})",
    "up from the library": "read(os.path.dirname(os.__file__) + '/../../../../../../../../etc/passwd')",
    "up from a descriptor": "os.open('../../../../../../etc/passwd', 0, dir_fd=os.open(os.path.dirname(os.__file__), 0))",
    "path descriptor": "os.open('/', 0o10000000)",
    "write to /tmp": "write('/tmp/whetstone-escape')",
    "write to /dev/shm": "write('/dev/shm/whetstone-escape')",
    "write to the working folder": "write('whetstone-escape')",
    "nameless file": "os.open('/tmp', 0o20200002)",
    "write to the library": "write(os.__file__, 0)",
    "write beside the library": "write(os.path.dirname(os.__file__) + '/whetstone_escape.py')",
    "truncate": "os.truncate(os.__file__, 0) or True",
    "mkdir": "os.mkdir('/tmp/whetstone-escape') or True",
    "symlink": "os.symlink('/etc/passwd', '/tmp/whetstone-escape') or True",
    "link": "os.link('/etc/passwd', '/tmp/whetstone-escape') or True",
    "fifo": "os.mkfifo('/tmp/whetstone-escape') or True",
    "device": "os.mknod('/tmp/whetstone-escape', 0o20666, 0x101) or True",
    "rename": "os.rename('/tmp', '/tmp2') or True",
    "unlink": "os.unlink(os.__file__) or True",
    "chmod": "os.chmod(os.__file__, 0o777) or True",
    "chown": "os.chown(os.__file__, 0, 0) or True",
    "times": "os.utime(os.__file__) or True",
    "attribute": "os.setxattr(os.__file__, 'user.x', b'x') or True",
    "chdir": "os.chdir('/tmp') or True",
    "chroot": "os.chroot('/tmp') or True",
    "mount": "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "umount": "libc.umount2(b'/proc', 2)",
    "file handle": "call(304, -100, ctypes.create_string_buffer(99), 0)",
    "standard input written": "os.write(os.open('/proc/self/fd/0', os.O_RDWR), b'x')",
    "standard input written directly": "os.pwrite(0, b'x', 0)",
    "standard input cut": "os.ftruncate(0, 0) or True",
    "standard input unsealed": "__import__('fcntl').fcntl(0, 1033, 0) + 1",
    "standard input grown": "os.posix_fallocate(0, 0, 1 << 30) or True",
    "standard input mapped for writing": "__import__('mmap').mmap(0, 0) and True",
    "a larger pipe": "__import__('fcntl').fcntl(1, 1031, 1 << 20)",
    "other descriptors": "[fd for fd in range(3, 256) if fd != 5 and os.dup(fd) > 0] or None",
    "the library's descriptor": "os.open('../../../../../../../../etc/passwd', 0, dir_fd=5)",
    "kernel memory": "os.open('/dev/mem', 0)",
    "magic": "write('/proc/sysrq-trigger', 0)",
    "the name of dumps": "write('/proc/sys/kernel/core_pattern', 0)",
    "score": "write('/proc/self/oom_score_adj', 0)",
    "devices of the system": "os.listdir('/sys')",
    "terminal": "os.open('/dev/tty', os.O_RDWR)",
    "line of a terminal": "__import__('fcntl').ioctl(0, 0x5412, b'x') and True",
    # memory that no limit counts
    "memory file": "os.memfd_create('x')",
    "secret memory": "call(447, 0)",
    "pipe": "os.pipe()",
    "event": "os.eventfd(0)",
    "epoll": "__import__('select').epoll() and True",
    "inotify": "libc.inotify_init()",
    "timer descriptor": "libc.timerfd_create(0, 0)",
    "signal descriptor": "libc.signalfd(-1, ctypes.create_string_buffer(128), 0)",
    "SysV memory": "libc.shmget(0, 4096, 0o1777)",
    "SysV messages": "libc.msgget(0, 0o1777)",
    "SysV semaphores": "libc.semget(0, 1, 0o1777)",
    "POSIX messages": "libc.mq_open(b'/whetstone-escape', 0o102, 0o777, None)",
    "locked memory": "libc.mlock(ctypes.create_string_buffer(4096), 4096)",
    "all locked": "libc.mlockall(3)",
    "splice": "libc.splice(0, None, 1, None, 1, 0)",
    "sendfile": "os.sendfile(1, 0, 0, 1)",
    # privileges
    "setuid": "os.setuid(0) or True",
    "setresuid": "os.setresuid(0, 0, 0) or True",
    "setgroups": "os.setgroups([0]) or True",
    "dumpable": "libc.prctl(4, 1, 0, 0, 0)",
    "no death with the server": "libc.prctl(1, 0, 0, 0, 0)",
    "subreaper": "libc.prctl(36, 1, 0, 0, 0)",
    "keep capabilities": "libc.prctl(8, 1, 0, 0, 0)",
    "ambient capability": "libc.prctl(47, 2, 21, 0, 0)",
    "another filter": "libc.prctl(22, 2, struct.pack('HxxxxxxQ', 1, 0), 0, 0)",
    "no filter": "libc.prctl(22, 0, 0, 0, 0)",
    "personality": "libc.personality(0x0040000)",
    "acct": "libc.acct(None)",
    "hostname": "os.sethostname('x') if hasattr(os, 'sethostname') else libc.sethostname(b'x', 1)",
    "clock": "libc.clock_settime(0, struct.pack('qq', 0, 0))",
    "kernel log": "libc.klogctl(3, ctypes.create_string_buffer(99), 99)",
    "reboot": "libc.reboot(0)",
    "limit raised": "__import__('resource').setrlimit(9, (-1, -1)) or True",
    "limit lowered": "__import__('resource').setrlimit(0, (1, 1)) or True",
    "limit of the server": "__import__('resource').prlimit(parent, 0, (1, 1)) and True",
    "priority": "os.nice(-5)",
    "priority of the server": "os.setpriority(0, parent, 19) or True",
    "affinity": "os.sched_setaffinity(0, {0}) or True",
    "scheduler": "os.sched_setscheduler(0, 1, os.sched_param(1)) or True",
    "timer that signals": "libc.timer_create(0, None, ctypes.create_string_buffer(99))",
    # what is in the process
    "frames": (
        "[f for f in iter(lambda f=[sys._getframe()]: f.__setitem__(0, f[0] and f[0].f_back) or f[0], None)"
        " if 'secret' in repr(f.f_locals)] or None"
    ),
    "objects": "[o for o in __import__('gc').get_objects() if type(o).__name__ == 'socket'][0].send(b'x')",
    "the shared page": (
        "[o for o in __import__('gc').get_objects() + list(sys.modules['mmap'].__dict__.values())"
        " if type(o).__name__ == 'mmap' and not o.closed and o.write(b'x')] or None"
    ),
    "the server's settings": "sys.argv[1:] or None",
    "standard output of the server": "os.write(os.open(f'/proc/{parent}/fd/1', os.O_WRONLY), b'x')",
}

X86_64 = {
    "clone": "call(56, 17, 0, 0, 0, 0)",
    "clone with its parent's parent": "call(56, 0x8000 | 17, 0, 0, 0, 0)",
    "clone of a thread in new namespaces": "call(56, 0x3d0f00 | 0x10000000, 0, 0, 0, 0)",
    "clone3": "call(435, struct.pack('QQQQQQQQ', 0, 0, 0, 0, 17, 0, 0, 0), 64)",
    "x32 fork": "call(0x40000000 | 57)",
    "x32 exec": "call(0x40000000 | 520, b'/bin/true', 0, 0)",
    "x32 socket": "call(0x40000000 | 41, 1, 1, 0)",
    "x32 open": "call(0x40000000 | 2, b'/etc/passwd', 0)",
    "upper bits": "call(0x100000000 | 57)",
    "execveat": "call(322, -100, b'/bin/true', 0, 0, 0)",
    "execveat of the image": "call(322, 4, b'', 0, 0, 0x1000)",
    "io_uring": "call(425, 4, ctypes.create_string_buffer(120))",
    "bpf": "call(321, 0, ctypes.create_string_buffer(99), 99)",
    "perf": "call(298, ctypes.create_string_buffer(120), 0, -1, -1, 0)",
    "userfaultfd": "call(323, 0)",
    "keyctl": "call(250, 0, -3, 1)",
    "add_key": "call(248, b'user', b'x', b'x', 1, -3)",
    "seccomp": "call(317, 1, 8, struct.pack('HxxxxxxQ', 1, 0))",
    "landlock": "call(444, None, 0, 1)",
    "pidfd_getfd": "call(438, 0, 0, 0)",
    "kcmp": "call(312, parent, parent, 0, 0, 0)",
    "asynchronous input": "call(206, 1, ctypes.create_string_buffer(8))",
    "port": "call(172, 3)",
    "segments": "call(154, 0, ctypes.create_string_buffer(99), 99)",
    "open_tree": "call(428, -100, b'/', 1)",
    "fsopen": "call(430, b'tmpfs', 0)",
    "openat2": "call(437, -100, b'/etc/passwd', struct.pack('QQQ', 0, 0, 0), 24)",
    "handle": "call(304, 0, ctypes.create_string_buffer(99), 0)",
    "quota": "call(179, 0, 0, 0, 0)",
    "modules": "call(175, b'', 0, b'')",
    "vmsplice": "call(278, 1, struct.pack('QQ', 0, 0), 1, 0)",
    "membership of a page": "call(27, id(0) & ~4095, 4096, ctypes.create_string_buffer(9))",
    "fanotify": "call(300, 0, 0)",
    "tkill": "call(200, parent, 9)",
    "queued signal": "call(129, parent, 9, ctypes.create_string_buffer(128))",
}

if platform.machine() == "x86_64":
    ESCAPES |= X86_64


def program(expression: str) -> Program:
    server = str(Path(seccomp.__file__).with_name("server.py"))
    for name, path in (("{server}", server), ("{package}", pytest.__file__), ("{test}", __file__)):
        expression = expression.replace(name, repr(path))
    return Program("python", PRELUDE.replace("{block}", "    got = " + expression))


def left_behind() -> set[str]:
    """What an escape may have left: files by their names, SysV objects."""
    folders = [Path("/tmp"), Path("/dev/shm"), Path("/dev/mqueue"), Path(os.__file__).parent, Path("/"), Path.cwd()]
    found = {str(path) for folder in folders if folder.is_dir() for path in folder.glob("*whetstone*escape*")}
    for kind in ("shm", "msg", "sem"):
        table = Path("/proc/sysvipc", kind)
        found |= set(table.read_text().splitlines()[1:]) if table.exists() else set()
    return found


def of_user(user: int) -> set[int]:
    """The processes of a user."""
    found = set()
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                if path.stat().st_uid == user or f"Uid:\t{user}\t" in (path / "status").read_text():
                    found.add(int(path.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize("name", ESCAPES)
def test_no_way_out(sandbox: Sandbox, name: str) -> None:
    before = left_behind()
    done = sandbox.run(program(ESCAPES[name]), b"1\n", Limits(cpu=2.0, wall=2.0))
    assert b"ESCAPED" not in done.stdout, done
    assert done.stdout in (b"held", b"") and done.outcome in ("ok", "exit", "signal", "memory"), done
    assert b"SyntaxError" not in done.stderr and b"NameError" not in done.stderr, done
    assert left_behind() == before
    assert sandbox.run(Program("python", "print(input())"), b"next\n").stdout == b"next\n"


def test_nothing_is_left(sandbox: Sandbox) -> None:
    """After all of the above: of the worker's user there is the server, and at tier A its stub, no more."""
    sandbox.run(Program("python", "import threading, os\nthreading.Thread(target=os.fork).start()\nos.fork()"))
    (worker,) = sandbox._runs.workers
    if worker.user is not None:
        assert len(of_user(worker.user)) == 1
    children = {
        int(pid) for pid in Path(f"/proc/{worker.process.pid}/task/{worker.process.pid}/children").read_text().split()
    }
    assert len(children) == (1 if sandbox.tier == "A" else 0)
    open_files = os.listdir(f"/proc/{worker.process.pid}/fd")
    assert len(open_files) < 12


SWEEP = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
skipped = set(map(int, input().split()))
skipped |= {335, 336} if os.uname().machine == "x86_64" else set()  # uretprobe, uprobe: past any filter, but SIGILL
for number in [*range(600), *range(1 << 30, (1 << 30) + 600)]:
    if number not in skipped:
        ctypes.set_errno(0)
        result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(-1)] * 6)
        if result != -1 or ctypes.get_errno() not in (1, 38):
            print(number, result, ctypes.get_errno())
"""


def test_every_other_system_call_is_refused(sandbox: Sandbox) -> None:
    """EPERM, or ENOSYS, to every number that is not on the list."""
    names = [*seccomp.ALWAYS, *seccomp.READING, "open", "openat", "newfstatat", "fcntl", "ioctl", "prctl"]
    numbers = [seccomp.number(name, platform.machine()) for name in [*names, "arch_prctl", "prlimit64", "setrlimit"]]
    listed = " ".join(str(number) for number in numbers if number is not None)
    done = sandbox.run(Program("python", SWEEP), listed.encode() + b"\n")
    assert (done.outcome, done.stdout) == ("ok", b""), done


def test_filters_as_the_kernel_would_run_them() -> None:
    """The filter's answers by a small interpreter of BPF: architectures, x32, arguments, all 64 bits of an address."""
    code = seccomp.for_program("x86_64", 7, files=True, exec_=seccomp.Exec(4, 0x1122334455667788, 1 << 40, 5))

    def answer(nr: int, *arguments: int, arch: int = seccomp.ARCHITECTURES["x86_64"]) -> int:
        data = struct.pack("=IIQ6Q", nr, arch, 0, *(value & (1 << 64) - 1 for value in (*arguments, *[0] * 6)[:6]))
        at = accumulator = 0
        while True:
            operation, then, other, value = struct.unpack_from("=HBBI", code, 8 * at)
            at += 1
            if operation == seccomp.RETURN:
                return value
            if operation == seccomp.LOAD:
                accumulator = struct.unpack_from("=I", data, value)[0]
            elif operation == seccomp.AND:
                accumulator &= value
            else:
                test = {seccomp.EQUAL: accumulator == value, seccomp.ANY: bool(accumulator & value)}
                at += then if test.get(operation, accumulator >= value) else other

    allow, refuse, absent, kill = seccomp.ALLOW, seccomp.REFUSE, seccomp.ABSENT, seccomp.KILL
    assert answer(0) == allow  # read
    assert answer(0, arch=0x40000003) == kill  # i386
    assert answer(0x40000000) == absent  # x32
    assert answer(57) == answer(59) == answer(41) == answer(101) == answer(10**6) == refuse
    assert answer(435) == absent
    assert answer(56, 0x3D0F00) == answer(56, 0x7D0F00) == allow
    assert answer(56, 0x3D0F00 | 0x20000) == answer(56, 17) == answer(56, 0x3D0F00 & ~0x10000) == refuse
    assert answer(62, 7, 9) == allow and answer(62, -1, 9) == answer(62, 0, 9) == answer(62, -7, 9) == refuse
    assert answer(234, 7, 9) == allow and answer(234, 8, 9) == refuse
    assert (
        answer(2, 1, 0) == answer(257, 1, 1, 0) == allow
        and answer(2, 1, 0x200000) == answer(257, 1, 1, 0x200000) == refuse
    )
    assert answer(302, 0, 7, 0, 1) == answer(302, 0, 3, 9) == allow  # read any limit, set the stack's
    assert answer(302, 0, 7, 9) == answer(302, 5, 7, 0, 1) == answer(302, 0, 7, 1 << 32) == refuse
    exact = (4, 0x1122334455667788, 1 << 40, 5, 0x1000)
    assert answer(322, *exact) == allow
    for place in range(5):
        for bit in (0, 33, 63):
            changed: list[int] = list(exact)
            changed[place] ^= 1 << bit
            assert answer(322, *changed) == refuse
    assert seccomp.for_program("aarch64", 7, files=False) != seccomp.for_program("aarch64", 7, files=True)
