#!/usr/bin/env python3
"""Trains the tokenizer of the bundled world.

usage: train_world_tokenizer.py PRETRAINING.jsonl WORLD_FOLDER OUTPUT_FOLDER

Needs the package sentencepiece (0.2.2 made the shipped one). Reads the first documents of the pretraining text and the
rows to train on; no test problem. What the template vicuna_v1.1 puts around turns are pieces of their own: its system text
alone would make rows twice as long.
"""

import itertools
import json
import pathlib
import re
import sys

import sentencepiece

DOCUMENTS = 6_000
REPEATS = {"math": 1, "code": 6, "general": 2}  # code has fewer rows, but as many words
VOCABULARY = 768
SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)


def records(path):
    with open(path, encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def gsm8k(record):
    return [(record["question"], record["answer"])]


def alpaca(record):
    return [(record["instruction"], record["output"])]


def sharegpt(record):
    texts = [turn["value"] for turn in record["conversations"]]
    return zip(texts[::2], texts[1::2])


def texts(pretraining, world):
    for record in itertools.islice(records(pretraining), DOCUMENTS):
        yield record["text"]
    for name, exchanges in (("math", gsm8k), ("code", alpaca), ("general", sharegpt)):
        rows = list(records(world / f"{name}_train.jsonl")) * REPEATS[name]
        for user, assistant in itertools.chain.from_iterable(map(exchanges, rows)):
            yield from (user, assistant)


def capitals(world):
    """The words of lists in capital letters: letter by letter a small model does not copy them."""
    words = set()
    for record in records(pathlib.Path(world) / "general_train.jsonl"):
        for user, assistant in sharegpt(record):
            if user.startswith("Write in capital letters: "):
                words.update(re.findall("[A-Z]{2,}", assistant))
    return sorted(words)


def main(pretraining, world, output):
    # A line feed is a byte piece, so lines are seen apart.
    lines = itertools.chain.from_iterable(text.split("\n") for text in texts(pretraining, pathlib.Path(world)))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_prefix=str(pathlib.Path(output) / "tokenizer"),
        model_type="bpe",
        vocab_size=VOCABULARY,
        user_defined_symbols=[f" {text}".replace(" ", "\u2581") for text in (SYSTEM, "USER:", "ASSISTANT:", *capitals(world))],
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        character_coverage=1.0,
        num_threads=1,
        minloglevel=1,
    )
    (pathlib.Path(output) / "tokenizer.vocab").unlink()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
