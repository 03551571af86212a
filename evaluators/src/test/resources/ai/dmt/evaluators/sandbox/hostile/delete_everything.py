# outcome: failed: AssertionError: all deleted
import posix


def delete(folder):
    try:
        names = posix.listdir(folder)
    except OSError:
        return
    for name in names:
        path = folder + "/" + name
        try:
            posix.unlink(path)
        except OSError:
            delete(path)


for folder in ("/tmp", "/usr/local/bin", "/home", "/etc", "/dev", "@FOLDER@"):
    delete(folder)
assert False, "all deleted"
