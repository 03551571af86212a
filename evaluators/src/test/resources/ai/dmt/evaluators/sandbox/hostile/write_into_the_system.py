# outcome: failed: AssertionError: \[\]
written = []
for folder in ("/", "/usr", "/usr/bin", "/dev", "/etc", "/root", "/proc/sys/kernel", "/var", "/home"):
    try:
        open(folder + "/written", "w")
        written.append(folder)
    except OSError:
        pass
assert written, written
