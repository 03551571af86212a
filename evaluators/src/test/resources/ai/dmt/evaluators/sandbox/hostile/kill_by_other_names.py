# outcome: failed: .*
import posix

for pid in (1, posix.getppid(), -1, 0):
    for number in (9, 15, 19, 2, 11):
        try:
            posix.kill(pid, number)
        except OSError:
            pass
raise SystemExit(0)
