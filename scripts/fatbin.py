#!/usr/bin/env python3
"""Lists what GPU code a shared library holds, one kind a line with its count: "sm_90 machine code 11", "compute_100 PTX 11".

usage: fatbin.py FILE    a libdmt_cuda.so, or a jar that holds one

Reads the section .nv_fatbin, as cuobjdump does, which not every installation of nvcc has.
"""

import collections
import struct
import sys
import zipfile

FATBIN_MAGIC = 0xBA55ED50
PTX, MACHINE_CODE = 1, 2


def library_of(name):
    if not name.endswith(".jar"):
        with open(name, "rb") as file:
            return file.read()
    with zipfile.ZipFile(name) as jar:
        inside = [entry for entry in jar.namelist() if entry.endswith("/libdmt_cuda.so")]
        if not inside:
            sys.exit(f"{name} holds no libdmt_cuda.so")
        return jar.read(inside[0])


def sections(elf):
    """(name, bytes) of each section of a 64-bit ELF file."""
    if elf[:5] != b"\x7fELF\x02":
        sys.exit("no 64-bit ELF file")
    offset = struct.unpack_from("<Q", elf, 40)[0]
    size, count, names_index = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQ", elf, offset + i * size) for i in range(count)]
    names = headers[names_index][4]
    for name, _, _, _, begin, length in headers:
        end = elf.index(b"\0", names + name)
        yield elf[names + name : end].decode(), elf[begin : begin + length]


def entries(section):
    """(kind, architecture) of all code: containers one after the other, each a header and its entries."""
    at = 0
    while at + 16 <= len(section):
        magic, _, header, body = struct.unpack_from("<IHHQ", section, at)
        if magic != FATBIN_MAGIC:
            at += 8  # containers are aligned
            continue
        entry, end = at + header, at + header + body
        while entry < end:
            kind, _, entry_header, payload = struct.unpack_from("<HHIQ", section, entry)
            yield kind, struct.unpack_from("<I", section, entry + 28)[0]
            entry += entry_header + payload
        at = end


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    found = collections.Counter()
    for name, section in sections(library_of(sys.argv[1])):
        if name == ".nv_fatbin":
            found.update(entries(section))
    for (kind, architecture), count in sorted(found.items(), key=lambda item: (item[0][1], -item[0][0])):
        if kind == MACHINE_CODE:
            print(f"sm_{architecture} machine code {count}")
        elif kind == PTX:
            print(f"compute_{architecture} PTX {count}")
        else:
            print(f"{architecture} unknown kind {kind} {count}")


main()
