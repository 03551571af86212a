# outcome: failed: PermissionError.*
import os

while True:
    os.ftruncate(os.memfd_create("x"), 1 << 20)
