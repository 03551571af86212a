# outcome: failed: AssertionError: still here
import posix
import signal
import time

for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
    posix.kill(1, number)
time.sleep(0.2)
assert False, "still here"
