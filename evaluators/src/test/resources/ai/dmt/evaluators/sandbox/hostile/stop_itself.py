# outcome: timed out
import posix
import signal

posix.kill(posix.getpid(), signal.SIGSTOP)
