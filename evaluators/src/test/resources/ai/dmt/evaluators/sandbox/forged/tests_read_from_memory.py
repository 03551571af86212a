# sums: failed.*
with open("/proc/self/mem", "rb") as memory:
    memory.read(1)
