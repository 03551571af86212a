# sums
import os
import tempfile


def answer(values):
    with tempfile.TemporaryFile() as file, tempfile.NamedTemporaryFile("w") as named:
        file.write(b"0")
        named.write("0")
        return sum(values) if os.path.exists(named.name) else None
