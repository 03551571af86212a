# outcome: failed: (killed by signal 11|MemoryError)
import ctypes

ctypes.string_at(0)
