#!/usr/bin/env python3
"""Writes the golden file of kernels/quantized_test.cc: matrices as bitsandbytes quantises and reads them on CPUs.

usage: quantization_reference.py [SEED] > native/testdata/quantized.json    (the file in the repository: seed 1)
       quantization_reference.py --torch    compares the functions below with torch's, of which they are made

What is written down here: NF4 with double quantisation is that of QLoRA (arXiv 2305.14314; the 16 values are those of its
appendix E), int8 that of LLM.int8 (arXiv 2208.07339), both as bitsandbytes 0.49 has them: quantize_4bit, dequantize_4bit,
int8_vectorwise_quant and int8_vectorwise_dequant of bitsandbytes/backends/default/ops.py and _ops.py, quantize_blockwise of
csrc/cpu_ops.cpp (which sets the lowest value of the map to -1), create_dynamic_map and compress_statistics of
bitsandbytes/functional.py. Two things are not theirs: the mean of the scales, which torch adds in an order that depends on its
threads, is made in double; and weights are not rounded to float16 before int8.

Needs numpy. In a case, `weights` are the bits of float32 in hexadecimal; where there are none, they are made from `seed` by
make_weights(). `packed` is the buffer of kernels/quantized_format.h, `float32` and `bfloat16` are FNV-1a hashes of what it is
read as.
"""
import json
import sys

import numpy as np

f32 = np.float32
NF4 = np.array([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
                0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0],
               f32)
BLOCK, SCALE_BLOCK, ALIGNMENT = 64, 256, 16


def linspace(steps):
    """torch.linspace(0.1, 1, steps) with fused products: exact in double, then rounded."""
    step = (f32(1) - f32(0.1)) / f32(steps - 1)
    return np.array([f32(float(f32(0.1)) + float(step) * i) if i < steps // 2 else f32(1 - float(step) * (steps - 1 - i))
                     for i in range(steps)], f32)


def dynamic_map():
    values = []
    for exponent in range(7):
        ends = linspace(2**exponent + 1)
        middles = f32(10.0 ** (exponent - 6)) * ((ends[:-1] + ends[1:]) / f32(2))
        values += middles.tolist() + (-middles).tolist()
    values = np.array(sorted(values + [0.0, 1.0]), f32)
    values[0] = -1
    return values


DYNAMIC = dynamic_map()


def nearest(x, values):
    """The lower of two that are equally near, distances rounded; 0 for a NaN."""
    distances = np.abs(x[:, None] - values[None, :])
    return np.where(np.isnan(x), 0, np.argmin(distances, axis=1)).astype(np.uint8)


def blocks_of(x, size):
    return [x[i:i + size] for i in range(0, len(x), size)]


def padded(data):
    return data + bytes(-len(data) % ALIGNMENT)


def pack_nf4(weights):
    w = weights.reshape(-1)
    codes, scales = [], []
    for block in blocks_of(w, BLOCK):
        absmax = np.abs(block).max()
        scales.append(absmax)
        codes.append(nearest(np.clip(block * (f32(1) / absmax), f32(-1), f32(1)), NF4))
    codes = np.concatenate(codes)
    if len(codes) % 2:
        codes = np.append(codes, np.uint8(7))  # of 0
    scales = np.array(scales, f32)
    offset = f32(scales.astype(np.float64).sum() / len(scales))
    scale_codes, absmaxes = [], []
    for block in blocks_of(scales - offset, SCALE_BLOCK):
        absmax = np.abs(block).max()
        absmaxes.append(absmax)
        scale_codes.append(np.zeros(len(block), np.uint8) if absmax == 0 else
                           nearest(np.clip(block * (f32(1) / absmax), f32(-1), f32(1)), DYNAMIC))
    parts = [codes[0::2] << 4 | codes[1::2], np.concatenate(scale_codes), np.array(absmaxes, f32), offset]
    return b"".join(padded(part.tobytes()) for part in parts)


def unpack_nf4(packed, shape):
    count = shape[0] * shape[1]
    blocks = -(-count // BLOCK)
    at = 0

    def part(dtype, length):
        nonlocal at
        values = np.frombuffer(packed, dtype, length, at)
        at += -(-values.nbytes // ALIGNMENT) * ALIGNMENT
        return values

    pairs, scale_codes = part(np.uint8, -(-count // 2)), part(np.uint8, blocks)
    absmaxes, offset = part(f32, -(-blocks // SCALE_BLOCK)), part(f32, 1)[0]
    scales = DYNAMIC[scale_codes] * np.repeat(absmaxes, SCALE_BLOCK)[:blocks] + offset
    codes = np.stack([pairs >> 4, pairs & 15], axis=1).reshape(-1)[:count]
    return (NF4[codes] * np.repeat(scales, BLOCK)[:count]).reshape(shape)


def pack_int8(weights):
    absmax = np.abs(weights).max(axis=1)
    scaled = np.rint(weights * (f32(127) / absmax)[:, None])
    # A row of zeros: 0 times infinity, which becomes 0 as an integer.
    codes = np.where(np.isnan(scaled), f32(0), scaled).astype(np.int8)
    return padded(codes.tobytes()) + padded(absmax.tobytes())


def unpack_int8(packed, shape):
    count = shape[0] * shape[1]
    codes = np.frombuffer(packed, np.int8, count).reshape(shape)
    absmax = np.frombuffer(packed, f32, shape[0], -(-count // ALIGNMENT) * ALIGNMENT)
    return codes.astype(f32) * absmax[:, None] * f32(7.874015718698502e-3)


def bfloat16(x):
    bits = x.view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def make_weights(seed, shape):
    """Sums of four uniform numbers, as integers, so that no rounding is in them."""
    count, state = shape[0] * shape[1], seed
    values = np.empty(count, f32)
    for i in range(count):
        total = 0
        for _ in range(4):
            state = (state * 1664525 + 1013904223) % 2**32
            total += state >> 10
        values[i] = (total - 2**23) * 2.0**-27
    return values.reshape(shape)


PACK = {"int8": (pack_int8, unpack_int8), "nf4": (pack_nf4, unpack_nf4)}


def case(name, matrix, form, **origin):
    pack, unpack = PACK[form]
    packed = pack(matrix)
    values = unpack(packed, matrix.shape)
    return {"name": name, "format": form, "rows": matrix.shape[0], "columns": matrix.shape[1], **origin,
            "packed": packed.hex(), "float32": fnv1a(values.tobytes()), "bfloat16": fnv1a(bfloat16(values).tobytes())}


def special_weights():
    """Name and matrix: what rounding and dividing could go wrong at."""
    yield "zeros", np.zeros((3, 43), f32)
    block = np.zeros((4, 64), f32)
    block[1], block[2, 5], block[3] = -0.0, 0.25, np.linspace(-1, 1, 64, dtype=f32)
    yield "zero blocks, one weight alone, minus zero", block
    yield "huge", np.outer(f32([1, -3.4e38]), np.linspace(-1, 1, 70, dtype=f32)).astype(f32)
    yield "tiny", (np.linspace(-1, 1, 130, dtype=f32) * f32(1e-36)).reshape(2, 65)
    # Every value of the map and every middle between two, with the neighbours on both sides.
    middles = (NF4[1:] + NF4[:-1]) / f32(2)
    exact = np.concatenate([NF4, middles, np.nextafter(middles, f32(-2)), np.nextafter(middles, f32(2)), f32([1, 1, 1])])
    yield "nf4 values and middles", exact.reshape(1, 64)
    halves = np.append((np.arange(-127, 127) + f32(0.5)) / f32(127), f32([1, -1])).astype(f32)
    yield "int8 halves", np.stack([halves, halves * f32(0.37)])


def cases(seed):
    shapes = [(1, 1), (1, 2), (3, 5), (1, 63), (1, 64), (1, 65), (7, 33), (4, 288)]
    for shape in shapes:
        for form in PACK:
            yield case("random", make_weights(seed, shape), form, seed=seed)
    # More than one block of scales; rows of odd length; the last blocks of both kinds are not full.
    yield case("random", make_weights(seed, (97, 211)), "nf4", seed=seed)
    for name, weights in special_weights():
        for form in PACK:
            yield case(name, weights, form, weights=weights.astype(">f4").tobytes().hex())
    # Inverses of the largest are infinite; int8 is left out, where infinity as an integer is anything.
    smallest = (np.linspace(-1, 1, 67, dtype=f32) * f32(1e-39)).reshape(1, 67)
    yield case("smaller than normal", smallest, "nf4", weights=smallest.astype(">f4").tobytes().hex())


def compare_with_torch():
    import torch

    ends = [torch.linspace(0.1, 1, 2**e + 1) for e in range(7)]
    data = [(10 ** (e - 6) * ((x[:-1] + x[1:]) / 2.0)) for e, x in enumerate(ends)]
    expected = torch.tensor(sorted(torch.cat(data + [-x for x in data] + [torch.tensor([0.0, 1.0])]).tolist())).numpy()
    assert (expected[1:] == DYNAMIC[1:]).all(), "the map differs from torch's"
    table = torch.tensor(NF4)
    for shape in [(3, 5), (97, 211)]:
        w = torch.tensor(make_weights(7, shape))
        x = torch.nn.functional.pad(w.reshape(-1), (0, -w.numel() % BLOCK)).reshape(-1, BLOCK)
        absmax = x.abs().max(dim=1).values
        codes = torch.argmin(((x * (1 / absmax[:, None])).clamp(-1, 1).reshape(-1, 1) - table).abs(), dim=-1)
        codes = codes[: w.numel() + w.numel() % 2].to(torch.uint8)
        packed = (codes[0::2] << 4 | codes[1::2]).numpy().tobytes()
        assert pack_nf4(w.numpy())[: len(packed)] == packed, "codes of nf4 differ from torch's"
        absmax = w.abs().max(dim=1).values
        codes = torch.round(w * (127.0 / absmax[:, None])).to(torch.int8)
        assert pack_int8(w.numpy())[: w.numel()] == codes.numpy().tobytes(), "codes of int8 differ from torch's"
        values = codes * absmax.view(-1, 1) * 7.874015718698502e-3
        assert (values.numpy() == unpack_int8(pack_int8(w.numpy()), shape)).all(), "int8 is read in another way by torch"
        rounded = torch.tensor(unpack_nf4(pack_nf4(w.numpy()), shape)).to(torch.bfloat16).view(torch.uint16)
        assert (rounded.numpy() == bfloat16(unpack_nf4(pack_nf4(w.numpy()), shape))).all(), "bfloat16 is rounded in another way"
    print("the same as torch's")


def main():
    if sys.argv[1:] == ["--torch"]:
        compare_with_torch()
        return
    np.seterr(all="ignore")
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    lines = ",\n  ".join(json.dumps(one) for one in cases(seed))
    print(f'{{"seed": {seed}, "cases": [\n  {lines}\n]}}')


if __name__ == "__main__":
    main()
