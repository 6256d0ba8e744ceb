#!/usr/bin/env python3
"""Blanks the GPU code of a shared library that is for other chips than the given one.

    gpu_prune.py LIBRARY ARCHITECTURE [--dry-run]

LIBRARY is changed in place: in its section .nv_fatbin the payload of every entry for another architecture than
ARCHITECTURE (90 for an H100 or H200) becomes zeros, which compress to nothing. Headers stay, so that the CUDA runtime finds
the rest where it was. Prints the bytes of each architecture.
"""

import argparse
import collections
import mmap
import struct
import sys

CONTAINER = 0xBA55ED50
KINDS = {1: "ptx", 2: "sm"}


def section(view, name):
    """(offset, size) of an ELF64 section."""
    if view[:5] != b"\x7fELF\x02":
        raise ValueError("no 64-bit ELF file")
    headers, = struct.unpack_from("<Q", view, 0x28)
    size, count, names = struct.unpack_from("<HHH", view, 0x3A)
    (strings,) = struct.unpack_from("<Q", view, headers + names * size + 0x18)
    for i in range(count):
        at = headers + i * size
        (name_at,) = struct.unpack_from("<I", view, at)
        start = strings + name_at
        if view[start : view.find(b"\0", start)] == name:
            return struct.unpack_from("<QQ", view, at + 0x18)
    raise ValueError(f"no section {name.decode()}")


def entries(view, start, size):
    """(kind, architecture, offset, size) of every payload of a section of fat binaries."""
    at = start
    while at + 16 <= start + size:
        magic, _, header, payload = struct.unpack_from("<IHHQ", view, at)
        if magic != CONTAINER:
            at += 8  # between containers there is padding
            continue
        end = at + header + payload
        entry = at + header
        while entry + 64 <= end:
            kind, _, entry_header, entry_size = struct.unpack_from("<HHIQ", view, entry)
            (architecture,) = struct.unpack_from("<I", view, entry + 28)
            if kind not in KINDS or entry_header < 32:
                raise ValueError(f"an unknown kind of entry at {entry:#x}")
            yield KINDS[kind], architecture, entry + entry_header, entry_size
            entry += entry_header + entry_size
        at = end


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("library")
    parser.add_argument("architecture", type=int)
    parser.add_argument("--dry-run", action="store_true", help="only count")
    args = parser.parse_args()
    sizes = collections.Counter()
    with open(args.library, "r+b") as file, mmap.mmap(file.fileno(), 0) as view:
        try:
            start, size = section(view, b".nv_fatbin")
            found = list(entries(view, start, size))
        except ValueError as error:
            sys.exit(f"cria: {args.library}: {error}")
        for kind, architecture, at, length in found:
            sizes[(kind, architecture)] += length
            if architecture != args.architecture and not args.dry_run:
                view[at : at + length] = bytes(length)
    if not any(architecture == args.architecture for _, architecture in sizes):
        sys.exit(f"cria: {args.library} has no code for sm_{args.architecture}: name another architecture")
    for (kind, architecture), length in sorted(sizes.items(), key=lambda item: item[0][1]):
        kept = "kept" if architecture == args.architecture else "blanked"
        print(f"{kind}_{architecture}: {length >> 20} MiB {kept}")


if __name__ == "__main__":
    main()
