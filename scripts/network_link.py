"""Links between hosts that are network namespaces, with delay and loss, for kernels without netem.

usage: network_link.py FOLDER NAMESPACE:DEVICE=NAMESPACE:DEVICE...

Each pair becomes two TAP devices with a relay between them. FOLDER/N, of the pair N from 1, holds "MILLISECONDS PERCENT":
how long a frame takes, and how many are lost, in both directions; it is read again five times a second. Runs until it is
ended; the devices end with it. Needs root.
"""

import ctypes
import fcntl
import heapq
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(namespace):
    with open(f"/run/netns/{namespace}") as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"namespace {namespace} cannot be entered")


def tap(place):
    namespace, device = place.split(":")
    enter(namespace)
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return handle


class Link:
    def __init__(self, file, ends):
        self.file = file
        self.ends = ends
        self.read()

    def read(self):
        with open(self.file) as text:
            words = text.read().split()
        if len(words) == 2:  # else it is being written
            self.delay, self.loss = float(words[0]) / 1000, float(words[1]) / 100


def main():
    folder, pairs = sys.argv[1], sys.argv[2:]
    chance = random.Random(1)
    other, links = {}, []
    for number, pair in enumerate(pairs, 1):
        a, b = map(tap, pair.split("="))
        link = Link(os.path.join(folder, str(number)), (a, b))
        links.append(link)
        other[a], other[b] = (b, link), (a, link)
    print("up", flush=True)
    waiting, count, read_at = [], 0, 0.0
    while True:
        now = time.monotonic()
        if now >= read_at:
            read_at = now + 0.2
            for link in links:
                link.read()
        while waiting and waiting[0][0] <= now:
            _, _, end, frame = heapq.heappop(waiting)
            try:
                os.write(end, frame)
            except OSError:
                pass  # the device is down, or its queue is full
        until = min(read_at, waiting[0][0] if waiting else read_at)
        for end in select.select(list(other), [], [], max(0, until - time.monotonic()))[0]:
            to, link = other[end]
            for _ in range(64):
                try:
                    frame = os.read(end, 65_600)
                except OSError:
                    break  # no more, or the device is down
                if chance.random() >= link.loss:
                    count += 1
                    heapq.heappush(waiting, (time.monotonic() + link.delay, count, to, frame))


main()
