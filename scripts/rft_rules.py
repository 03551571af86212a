#!/usr/bin/env python3
"""Which sampled answers to GSM8K become training data, in plain Python, written from the rules' description and
from nothing in Java.

usage: rft_rules.py PROBLEMS.jsonl SAMPLES.jsonl...

Lines of samples are {"problem": 0-based number, "completion"}. Prints JSON lines {"query", "response"}: for each
problem its own answer, then the kept samples. The tests compare the lines with ours.
"""
import functools
import json
import re
import sys


def end_number(text):
    text = text.split("\0")[0]
    match = re.search(r"#### (\-?[0-9\.\,]+)", text)
    try:
        return float(match.group(1).replace(",", "")) if match else None
    except ValueError:
        return None


def is_right(text, gold):
    number = end_number(text)
    return number is not None and abs(number - end_number(gold)) < 1e-4


def holds(equation):
    sides = equation.split("=")
    if len(sides) < 2 or not re.fullmatch(r"[0-9.eE+\-*/%() \t]*", sides[0]) or re.search(r"\*\*.*\*\*", sides[0]):
        return False
    try:
        value = eval(sides[0], {"__builtins__": {}})  # digits, operators and parentheses alone
        return abs(value - float(sides[1])) < 1e-3
    except Exception:
        return False


@functools.lru_cache(maxsize=1 << 16)
def distance(a, b):
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(last + (x != y), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def choose(samples, gold):
    kept = {}
    for text in samples:
        marked = re.findall(r"<<(.*?)>>", text)
        if not is_right(text, gold) or not all(holds(each) for each in marked):
            continue
        key = "|".join(each.replace(" ", "") for each in marked)
        if key not in kept:
            kept[key] = text
        elif kept[key] != text:
            others = [other for each, other in kept.items() if each != key]
            if sum(distance(text, o) for o in others) > sum(distance(kept[key], o) for o in others):
                kept[key] = text
    return list(kept.values())


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        problems = [json.loads(line) for line in file if line.strip()]
    samples = [[] for _ in problems]
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            for line in file:
                sample = json.loads(line)
                samples[sample["problem"]].append(sample["completion"])
    for problem, texts in zip(problems, samples):
        for response in [problem["answer"]] + choose(texts, problem["answer"]):
            print(json.dumps({"query": problem["question"], "response": response}))


if __name__ == "__main__":
    main()
