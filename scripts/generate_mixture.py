#!/usr/bin/env python3
"""Writes three data files as large as the paper's full mixture, made from smaller real ones.

The paper's own files are not public as a whole. Here records of real files are drawn with replacement and changed:
numbers get other digits, and a share of the words (3 %) gets another letter, so that records and words are mostly new
and lengths are those of the real files. General conversations are put together of pairs of several conversations.
They serve to measure time and memory, not to train on.

Usage: generate_mixture.py [--shared ../shared] [--out DIR] [--math 110142] [--code 20022] [--general 86060]
Writes DIR/math.jsonl (query, response), DIR/code.json (Alpaca), DIR/general.json (ShareGPT) and DIR/recipe.yaml.
"""
import argparse, json, pathlib, random, re

ap = argparse.ArgumentParser()
ap.add_argument("--shared", type=pathlib.Path, default=pathlib.Path("../shared"))
ap.add_argument("--out", type=pathlib.Path, default=pathlib.Path("target/mixture"))
ap.add_argument("--math", type=int, default=110142)
ap.add_argument("--code", type=int, default=20022)
ap.add_argument("--general", type=int, default=86060)
ap.add_argument("--novel", type=float, default=0.03, help="share of words that get another letter")
ap.add_argument("--seed", type=int, default=1)
a = ap.parse_args()

rng = random.Random(a.seed)
data = a.shared / "data"
LETTERS = "abcdefghijklmnopqrstuvwxyz"
CHANGED = re.compile(r"[0-9]|[A-Za-z]{3,}")

def change(match):
    word = match.group()
    if word.isdigit():
        return rng.choice("0123456789")
    if rng.random() >= a.novel:
        return word
    at = rng.randrange(len(word))
    return word[:at] + rng.choice(LETTERS) + word[at + 1:]

def new(text):
    return CHANGED.sub(change, text)

def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]

def array(path, records):
    with open(path, "w", encoding="utf-8") as file:
        for number, record in enumerate(records):
            file.write(("[" if number == 0 else ",\n") + json.dumps(record, ensure_ascii=False))
        file.write("]\n")

a.out.mkdir(parents=True, exist_ok=True)
gsm8k = lines(data / "gsm8k/train.jsonl")
with open(a.out / "math.jsonl", "w", encoding="utf-8") as file:
    for _ in range(a.math):
        record = rng.choice(gsm8k)
        changed = {"query": new(record["question"]), "response": new(record["answer"])}
        file.write(json.dumps(changed, ensure_ascii=False) + "\n")

code = json.loads((data / "codealpaca/code_alpaca_20k_python_subset.json").read_text(encoding="utf-8"))
array(a.out / "code.json",
      ({key: new(value) for key, value in rng.choice(code).items()} for _ in range(a.code)))

pairs, counts = [], []  # of the real conversations
for record in lines(data / "general/sharegpt_v3_en_1k.jsonl"):
    turns = [turn for turn in record["conversations"] if turn["value"].strip()]
    found = [(one["value"], two["value"]) for one, two in zip(turns, turns[1:])
             if (one["from"], two["from"]) == ("human", "gpt")]
    pairs += found
    counts += [len(found)] if found else []

def conversation(number):
    turns = []
    for question, answer in rng.choices(pairs, k=rng.choice(counts)):
        turns += [{"from": "human", "value": new(question)}, {"from": "gpt", "value": new(answer)}]
    return {"id": f"g{number}", "conversations": turns}

array(a.out / "general.json", (conversation(number) for number in range(a.general)))

(a.out / "recipe.yaml").write_text(f"""name: mixture
sources:
  code: {{role: specialized, format: alpaca, files: [{a.out}/code.json]}}
  math: {{role: specialized, format: rft, files: [{a.out}/math.jsonl]}}
  general: {{role: general, format: sharegpt, files: [{a.out}/general.json]}}
data: {{cutoff_len: 2048}}
""", encoding="utf-8")
print(f"{a.out}: {a.math} + {a.code} + {a.general} records, {sum(f.stat().st_size for f in a.out.iterdir()) >> 20} MB")
