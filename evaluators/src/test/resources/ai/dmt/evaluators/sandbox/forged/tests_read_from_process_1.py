# sums: failed.*
with open("/proc/1/mem", "rb") as memory:
    memory.read(1)
