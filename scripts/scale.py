#!/usr/bin/env python3
"""The tables of docs/scale.md: what a step takes on 1 to 256 GPUs, and what ranks cost that were really started.

    scripts/scale.py plan [--sizes 7b,33b,65b] [--gpu h100-80gb] [--gpus 1,2,4,8,16,32,64,128,256] [--network GB]
    scripts/scale.py ranks --model DIR --data FILE [--ranks 1,2,4,8,16] [--modes full,grad_op,none] [--steps 10]

plan predicts and needs no GPU: each GPU has --tokens-per-gpu of a step whatever their number, so the batch grows with them.
ranks needs root: each run has a network namespace of its own, whose loopback counts what the ranks send, headers included. Its
seconds are of a machine whose cores all ranks share.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

DMT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dmt")
SAMPLE = 2048  # tokens: samples of one length, so that no GPU waits for a longer one
COUNTED = "sed -n 's/^ *lo: *\\([0-9]*\\) .*/dmt-received \\1/p' /proc/net/dev"


def numbers(text):
    return [int(word) for word in text.split(",")]


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def header(*cells):
    row(*cells)
    row(*("---" for _ in cells))


def plan(size, gpu, gpus, samples, network):
    """The plan, or why there is none."""
    words = [DMT, "plan", "33b-dmt-1_256", "--shape", size, "--gpu", gpu, "--gpus", gpus, "--tokens-per-sample", SAMPLE, "--json",
             "training.packing=best_fit", f"training.global_train_batch_size={samples * gpus}", f"data.cutoff_len={SAMPLE}"]
    words += ["--network", network] if network else []
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout), None
    if " does not fit " not in done.stderr:
        sys.exit(done.stderr)
    return None, done.stderr.strip().removeprefix("dmt: ")


def fastest(found, mode):
    """Of the ways that fit and keep the numbers, with that sharding; None if there is none."""
    ways = [way for way in found["alternatives"] if way["sharding"] == mode and way["fits"] and not way["rounds"]]
    return min(ways, key=lambda way: way["step_s"], default=None)


def print_plans(options):
    samples = options.tokens_per_gpu // SAMPLE
    for size in options.sizes.split(","):
        print(f"\n{size} on {options.gpu}, {samples} samples of {SAMPLE} tokens for each GPU and step"
              f"{f', {options.network} GB/s to other nodes' if options.network else ''}: seconds of a step by sharding, `*` the "
              "fastest\n")
        header("GPUs", "full", "grad_op", "hybrid", "none", "of the fastest: tokens/s each", "waiting, s", "GB to a rank")
        for gpus in numbers(options.gpus):
            found, why = plan(size, options.gpu, gpus, samples, options.network)
            if found is None:
                row(gpus, why.split(" (")[0], "", "", "", "", "", "")
                continue
            chosen = found["chosen"]
            cells = []
            for mode in ("full", "grad_op", "hybrid", "none"):
                way = fastest(found, mode)
                star = "*" if way and mode == chosen["sharding"] and gpus > 1 else ""
                cells.append(f"{way['step_s']:.2f}{star}" if way else "-")
            if chosen["rounds"]:
                cells[0] = f"{chosen['step_s']:.2f} with moments in bfloat16"
            row(gpus, *cells, f"{found['tokens_per_s'] / gpus:,.0f}", f"{chosen['step_s'] - chosen['computation_s']:.2f}",
                f"{chosen['communication_bytes'] / 1e9:.0f}")


def launch(options, folder, ranks, mode, steps, saves):
    """Starts ranks and waits for them. @return bytes that crossed loopback, seconds of all, seconds until the first step."""
    output = os.path.join(folder, "output")
    train = ["train", "--model", options.model, "--data", f"data={options.data}", "--output", output, "--overwrite", "--no-preflight",
             f"max_steps={steps}", f"save_steps={saves}", "save_total_limit=1", "eval_fraction=0", "report_to=none", "threads=1",
             f"global_train_batch_size={2 * max(numbers(options.ranks))}", "per_device_train_batch_size=256",
             "max_tokens_per_micro_batch=100000"]
    words = [DMT, *train] if ranks == 1 else [
        DMT, "launch", "--nproc", str(ranks), "--log-dir", os.path.join(folder, "logs"), "--", *train, f"sharding={mode}"]
    began = time.monotonic()
    process = subprocess.Popen(["unshare", "--net", "bash", "-c", f'ip link set lo up && "$@" && {COUNTED}', "scale", *words],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    first, received, said = None, None, []
    for line in process.stdout:
        said.append(line)
        if line.startswith("stage 1 of") and first is None:
            first = time.monotonic() - began
        found = re.match(r"dmt-received (\d+)", line)
        received = int(found[1]) if found else received
    if process.wait() != 0 or first is None or received is None:
        sys.exit(f"{' '.join(words)}\n{''.join(said[-20:])}scale.py: the run failed with exit code {process.returncode}")
    return received, time.monotonic() - began, first


def predicted(options, ranks, mode):
    """Bytes that reach one rank in a step of one micro-batch, as plans have it."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as recipe:
        recipe.write(f"name: scale\nmodel: {os.path.abspath(options.model)}\n"
                     f"sources: {{data: {{role: specialized, samples: 1000, files: [{os.path.abspath(options.data)}]}}}}\n"
                     "data: {cutoff_len: 128}\n"
                     f"engine: {{dtype: float32, sharding: {mode}}}\n"
                     f"training: {{global_train_batch_size: {2 * max(numbers(options.ranks))}}}\n")
        recipe.flush()
        done = subprocess.run([DMT, "plan", recipe.name, "--gpu", "cpu", "--gpus", str(ranks), "--json", "training.packing=best_fit",
                               "training.max_tokens_per_micro_batch=100000"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)["as_written"]["communication_bytes"]


def print_ranks(options):
    header("ranks", "sharding", "MB that reach a rank in a step", "planned, MB", "seconds to the first step", "a checkpoint, s",
           "a checkpoint, MB")
    for ranks in numbers(options.ranks):
        for mode in (options.modes.split(",") if ranks > 1 else ["full"]):
            with tempfile.TemporaryDirectory() as folder:
                few, _, first = launch(options, folder, ranks, mode, 2, 0)
                many, seconds, _ = launch(options, folder, ranks, mode, 2 + options.steps, 0)
                _, saving, _ = launch(options, folder, ranks, mode, 2 + options.steps, 1)
                size = sum(os.path.getsize(os.path.join(place, name)) for place, _, names in os.walk(
                    os.path.join(folder, "output", "checkpoints")) for name in names)
            reached = (many - few) / options.steps / ranks
            row(ranks, mode, f"{reached / 1e6:.2f}", f"{predicted(options, ranks, mode) / 1e6:.2f}", f"{first:.1f}",
                f"{max(0, saving - seconds) / (2 + options.steps):.2f}", f"{size / 1e6:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    planned = parts.add_parser("plan")
    planned.add_argument("--sizes", default="7b,33b,65b")
    planned.add_argument("--gpu", default="h100-80gb")
    planned.add_argument("--gpus", default="1,2,4,8,16,32,64,128,256")
    planned.add_argument("--tokens-per-gpu", type=int, default=16384)
    planned.add_argument("--network", help="10^9 bytes a second of each GPU to other nodes")
    started = parts.add_parser("ranks")
    started.add_argument("--model", required=True)
    started.add_argument("--data", required=True)
    started.add_argument("--ranks", default="1,2,4,8,16")
    started.add_argument("--modes", default="full,grad_op,none")
    started.add_argument("--steps", type=int, default=10)
    options = parser.parse_args()
    (print_plans if options.part == "plan" else print_ranks)(options)


if __name__ == "__main__":
    main()
