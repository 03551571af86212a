# outcome: failed: AssertionError: -1
import ctypes

PTRACE_ATTACH = 16
result = ctypes.CDLL(None).ptrace(PTRACE_ATTACH, 1, 0, 0)
assert result == 0, result
