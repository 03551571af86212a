# sums
import posix


def answer(values):
    pid = posix.fork()
    if pid == 0:
        posix._exit(0)
    posix.waitpid(pid, 0)
    return sum(values)
