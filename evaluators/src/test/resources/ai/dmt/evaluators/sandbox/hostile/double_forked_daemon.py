# outcome: failed: 1 processes left running
import posix

reading, writing = posix.pipe()
if posix.fork() == 0:
    posix.setsid()
    if posix.fork() == 0:
        for descriptor in range(3, 10):
            if descriptor != writing:
                try:
                    posix.close(descriptor)
                except OSError:
                    pass
        posix.execv("/usr/bin/env", ["env", "-S", "sleep 1000 # @MARKER@"])
    posix._exit(0)
posix.wait()
