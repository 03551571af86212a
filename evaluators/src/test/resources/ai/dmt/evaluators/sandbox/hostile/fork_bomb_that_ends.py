# outcome: failed: .*
import posix

while True:
    posix.fork()
