#!/usr/bin/env python3
"""Do gradients tell beforehand what interferes? Asked of all pairs of the sources of both bundled worlds.

  scripts/conflict_ranks.py OUTPUT [--seeds N] [--tokens N] [--jobs N]

Interference of a pair is measured: by how much the logarithm of a source's held-out loss changes when as many
tokens of the other are trained on, too, mean of both directions and of the seeds. Conflict is the cosine of the
sources' gradients at the base model (dmt analyze conflict), of all weights and of each kind of matrix. Their rank
correlation should be negative. Started again, it goes on. Needs ./dmt built, and nothing else.
"""
import argparse
import csv
import itertools
import json
import math
import pathlib
import random
import subprocess

DMT = str(pathlib.Path(__file__).resolve().parent.parent / "dmt")
WORLDS = {
    "paper": {"code": "alpaca", "math": "gsm8k", "general": "sharegpt"},
    "office": {"calendar": "alpaca", "table": "alpaca", "glossary": "alpaca", "chat": "sharegpt"},
}
RESAMPLES = 10_000


def dmt(*words):
    subprocess.run([DMT, *map(str, words)], check=True)


def mixture(name, sources, tokens):
    return {name: {"name": "custom", "stages": [{
        "name": "all",
        "sources": {source: {"weight": 1 / len(sources)} for source in sources},
        "measure": "tokens", "total": tokens * len(sources), "replacement": True}]}}


def write_study(folder, files, tokens, seeds):
    mixtures = {}
    for source in files:
        mixtures |= mixture(source, [source], tokens)
    for one, other in itertools.combinations(files, 2):
        mixtures |= mixture(f"{one}+{other}", [one, other], tokens)
    study = {
        "name": "pairs",
        "recipe": {
            "model": str(folder / "office/base"),
            "sources": {name: {
                "role": "general" if form == "sharegpt" else "specialized", "format": form, "files": [f"{path}_train.jsonl"],
                "held_out": [f"{path}_held_out.jsonl"]} for name, (path, form) in files.items()},
            "data": {"template": "vicuna_v1.1", "cutoff_len": 256, "mixture_tolerance": 0.05},
            "training": {
                "global_train_batch_size": 4, "learning_rate": 1e-3, "max_tokens_per_micro_batch": 2048,
                "seed": 11, "data_seed": 11},
            "engine": {"threads": 1}},
        "seeds": seeds,
        "mixtures": mixtures}
    path = folder / "pairs.yaml"
    path.write_text(json.dumps(study, indent=1))  # JSON is YAML
    return path


def log_losses(results):
    """By mixture and source, one for each seed."""
    losses = {}
    for cell in results["cells"]:
        name = cell["group"].removeprefix("mixture ")
        for source, loss in cell["stages"][-1]["held_out"].items():
            losses.setdefault((name, source), []).append(math.log(loss))
    return losses


def interference(losses, one, other):
    both = f"{one}+{other}"
    changes = [pair - alone for source in (one, other)
               for pair, alone in zip(losses[both, source], losses[source, source], strict=True)]
    return sum(changes) / len(changes)


def cosines(folder):
    """By part of the model and pair."""
    parts = {}
    for table, column in (("gradients-1.csv", None), ("gradients-2.csv", "part")):
        with open(folder / "tables" / table, newline="") as file:
            for row in csv.DictReader(file):
                part = row[column] if column else "all weights"
                parts.setdefault(part, {})[tuple(row["sources"].split(", "))] = float(row["cosine"])
    return parts


def ranks(values):
    order = sorted(values)
    return [(order.index(value) + len(order) - 1 - order[::-1].index(value)) / 2 for value in values]


def spearman(xs, ys):
    xs, ys = ranks(xs), ranks(ys)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = math.sqrt(sum((a - x) ** 2 for a in xs) * sum((b - y) ** 2 for b in ys))
    return sum((a - x) * (b - y) for a, b in zip(xs, ys)) / spread if spread else 0.0


def report(parts, found, sources):
    drawn = random.Random(1)
    print(f"{'part':<26} {'Spearman':>8}  95 % of Fisher's z   p of exchanged sources")
    for part, by_pair in parts.items():
        pairs = list(by_pair)
        conflict = {frozenset(pair): by_pair[pair] for pair in pairs}
        measured = {frozenset(pair): found[pair] for pair in pairs}
        rho = spearman([conflict[k] for k in conflict], [measured[k] for k in conflict])
        half = 1.96 * math.sqrt(1.06 / (len(pairs) - 3))
        low, high = (math.tanh(math.atanh(max(-0.999, min(0.999, rho))) + sign * half) for sign in (-1, 1))
        as_far = 0
        for _ in range(RESAMPLES):  # pairs share sources: exchange these (Mantel)
            other = dict(zip(sources, drawn.sample(sources, len(sources))))
            moved = [measured[frozenset(other[source] for source in key)] for key in conflict]
            as_far += abs(spearman(list(conflict.values()), moved)) >= abs(rho) - 1e-12
        print(f"{part:<26} {rho:>8.2f}  [{low:.2f}, {high:.2f}]      {(as_far + 1) / (RESAMPLES + 1):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=10_000, help="of each source")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    folder = asked.output.resolve()
    files = {}
    for kind, sources in WORLDS.items():
        if not (folder / kind / "manifest.json").exists():
            dmt("world", "--kind", kind, "--output", folder / kind, "--scale", "0.01", "--seed", "1")
        files |= {name: (folder / kind / name, form) for name, form in sources.items()}
    study = write_study(folder, files, asked.tokens, asked.seeds)
    dmt("study", "mixture", "--preset", study, "--output", folder / "study", "--jobs", asked.jobs, "--quiet")
    dmt("analyze", "conflict", "--model", folder / "office/base", "--samples", 128, "--output", folder / "conflict",
        "--data", *(f"{name}={path}_train.jsonl" for name, (path, _) in files.items()))
    losses = log_losses(json.loads((folder / "study/results.json").read_text()))
    found = {pair: interference(losses, *pair) for pair in itertools.combinations(files, 2)}
    parts = cosines(folder / "conflict")
    for pair, change in sorted(found.items(), key=lambda each: -each[1]):
        print(f"{' + '.join(pair):<22} interference {change:+.3f}  cosine {parts['all weights'][pair]:+.3f}")
    report(parts, found, list(files))


if __name__ == "__main__":
    main()
