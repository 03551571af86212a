#!/usr/bin/env python3
"""FastChat's single-answer averages of a file of judgements, as JSON: {model: [turn 1, turn 2, both]}.

An independent transcription of the rule of its llm_judge/show_result.py, for the test of `dmt score mtbench`: rows
with score -1 are dropped, and the average is over all that remain, not over the means of the turns. A mean over
nothing is null.
"""
import json
import sys
from fractions import Fraction


def mean(scores):
    return float(sum(map(Fraction, scores)) / len(scores)) if scores else None


def main(path):
    rows = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            rows.setdefault(row["model"], []).append((row["turn"], row["score"]))
    result = {}
    for model, scored in rows.items():
        kept = [(turn, score) for turn, score in scored if score != -1]
        result[model] = [mean([s for t, s in kept if t in turns]) for turns in ((1,), (2,), (1, 2))]
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
