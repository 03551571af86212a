#!/usr/bin/env python3
"""GSM8K's scoring rules in plain Python, written from their description and from nothing in Java.

usage: gsm8k_rules.py PROBLEMS.jsonl COMPLETIONS.jsonl

Prints one JSON line per mode and completion, {"mode", "id", "sample", "verdict"}, and where problems have k
completions one per mode, {"mode", "maj": k, "correct": problems}. The tests compare the lines with ours.
"""
import json
import re
import sys
from collections import Counter

MARK = r"#### (\-?[0-9\.\,]+)"


def first_mark(text):
    match = re.search(MARK, text)
    return match.group(1).strip().replace(",", "") if match else None


def near(a, b):
    return abs(float(a) - float(b)) < 1e-4


def screl_answer(text):
    if "\0" in text:
        text = text[: text.index("\0")]
    number = first_mark(text)
    try:
        float(number)
    except (TypeError, ValueError):
        return None
    return number


def normalise(text):
    for ignored in (",", r"\$", r"(?s).*#### ", r"\.$"):
        text = re.sub(ignored, "", text)
    return text.lower()


def same(answer, gold):
    return normalise(answer) == normalise(gold)


def strict_answer(text):
    found = re.findall(MARK, text)
    return found[0].strip() if found else None


def flexible_answer(text):
    found = re.findall(r"(-?[$0-9.,]{2,})|(-?[0-9]+)", text)
    return [group for group in found[-1] if group][0].strip() if found else None


def cot_answer(text):
    found = re.findall(r"The answer is (\-?[0-9\.\,]+).", text)
    return found[0].strip() if found else None


def last_number(text):
    found = re.findall(r"(?<![0-9])-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)", text.replace(",", "").replace("$", ""))
    return found[-1] if found else None


MODES = {  # mode: (answer of a completion or None, whether it is right given the whole gold answer)
    "openai": (first_mark, lambda answer, gold: answer == first_mark(gold)),
    "screl": (screl_answer, lambda answer, gold: near(answer, screl_answer(gold))),
    "lm-eval-strict": (strict_answer, same),
    "lm-eval-flexible": (flexible_answer, same),
    "last-number": (last_number, lambda answer, gold: near(answer, first_mark(gold))),
    "lm-eval-cot-strict": (cot_answer, same),
    "llm-foundry": (
        lambda text: text.split("The answer is ")[-1].strip(),
        lambda answer, gold: answer.startswith(first_mark(gold)),
    ),
}


def records(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def majority(answers):
    votes = Counter(answer for answer in answers if answer is not None)
    return max(votes, key=votes.get) if votes else None  # of equals the first that was counted


def main():
    golds = [record["answer"] for record in records(sys.argv[1])]
    samples = {}
    for record in records(sys.argv[2]):
        samples.setdefault(record["id"], []).append(record["completion"])
    for mode, (answer_of, is_right) in MODES.items():
        correct = 0
        for number, completions in sorted(samples.items()):
            gold = golds[number]
            answers = [answer_of(text) for text in completions]
            for sample, answer in enumerate(answers):
                verdict = "invalid" if answer is None else "correct" if is_right(answer, gold) else "wrong"
                print(json.dumps({"mode": mode, "id": number, "sample": sample, "verdict": verdict}))
            winner = majority(answers)
            correct += winner is not None and is_right(winner, gold)
        k = len(samples[min(samples)])
        if k > 1:
            print(json.dumps({"mode": mode, "maj": k, "correct": correct}))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
