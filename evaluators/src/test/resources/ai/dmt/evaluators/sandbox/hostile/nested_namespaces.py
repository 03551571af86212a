# outcome: failed: AssertionError: -1
import ctypes

CLONE_NEWUSER = 0x10000000
result = ctypes.CDLL(None).unshare(CLONE_NEWUSER)
assert result == 0, result
