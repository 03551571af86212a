# outcome: timed out|failed: (more than \d+ processes|\d+ processes left running)
import posix

while True:
    try:
        posix.fork()
    except OSError:
        pass
