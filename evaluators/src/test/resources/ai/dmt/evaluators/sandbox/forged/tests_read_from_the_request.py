# sums: failed.*
import sys

frame = sys._getframe()
program = None
while frame is not None:
    for value in frame.f_locals.values():
        if isinstance(value, dict) and "program" in value:
            program = value["program"]
    frame = frame.f_back
assert program is not None, "no frame holds the request"
