# outcome: failed: more than \d+ bytes of memory
import posix
import time

for _ in range(8):
    if posix.fork() == 0:
        block = b"x" * (200 << 20)
        time.sleep(100)
time.sleep(100)
