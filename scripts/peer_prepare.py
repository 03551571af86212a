#!/usr/bin/env python3
"""Tokenises conversations with datasets.map and a fast tokenizer, as users of transformers do.

Template and masks are FastChat's for vicuna_v1.1: --masks fastchat tokenises each conversation and then each of its
turns again to find the masks, as FastChat's preprocess does; --masks offsets takes them from the character offsets of
one tokenisation, which FastChat does not do but the library offers.

Usage: peer_prepare.py --tokenizer tokenizer.json --math GSM8K.jsonl... --code ALPACA.json... --general SHAREGPT.jsonl...
                       [--masks fastchat|offsets] [--num-proc 2] [--max-length 2048]
Prints one JSON line; seconds is the time of datasets.map alone, without imports and reading.
"""
import argparse, json, os, tempfile, time
os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TRANSFORMERS_VERBOSITY="error")
import datasets
from transformers import PreTrainedTokenizerFast

ap = argparse.ArgumentParser()
ap.add_argument("--tokenizer", required=True)
for source in ("math", "code", "general"):
    ap.add_argument(f"--{source}", nargs="+", default=[])
ap.add_argument("--masks", choices=["fastchat", "offsets"], default="fastchat")
ap.add_argument("--num-proc", type=int, default=2)
ap.add_argument("--max-length", type=int, default=2048)
a = ap.parse_args()

SYSTEM = ("A chat between a curious user and an artificial intelligence assistant. "
          "The assistant gives helpful, detailed, and polite answers to the user's questions. ")
IGNORED = -100

def records(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    return json.loads(text) if text.lstrip().startswith("[") else [json.loads(line) for line in text.split("\n") if line]

def general(record):
    turns = [("user" if turn["from"] in ("human", "user") else "assistant", turn["value"])
             for turn in record["conversations"] if turn["from"] != "system"]
    while turns and turns[0][0] != "user":
        turns.pop(0)
    empty = next((t for t, turn in enumerate(turns) if not turn[1].strip()), len(turns))
    turns = turns[:empty]
    return [text for _, text in turns[:len(turns) // 2 * 2]]

def math(record):  # GSM8K or RFT
    return [record[key] for key in (("question", "answer") if "question" in record else ("query", "response"))]

conversations = [math(r) for path in a.math for r in records(path)]
for path in a.code:
    for r in records(path):
        question = r["instruction"] + ("\n" + r["input"] if r["input"] else "")
        conversations.append([question, r["output"]])
conversations += [general(r) for path in a.general for r in records(path)]
conversations = [turns for turns in conversations if turns and all(text.strip() for text in turns)]

tokenizer = PreTrainedTokenizerFast(tokenizer_file=a.tokenizer, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
tokenizer.add_bos_token = True

def prompt(turns):
    pairs = zip(turns[::2], turns[1::2])
    return SYSTEM + "".join(f"USER: {question} ASSISTANT: {answer}</s>" for question, answer in pairs)

def fastchat(batch):
    texts = [prompt(turns) for turns in batch["turns"]]
    ids = tokenizer(texts, truncation=True, max_length=a.max_length).input_ids
    labels = []
    for text, row in zip(texts, ids):
        label = list(row)
        label[0] = IGNORED
        at = 1
        for turn in text.split("</s>"):
            if not turn:
                break
            length = len(tokenizer(turn).input_ids)
            parts = turn.split(" ASSISTANT: ")
            if len(parts) != 2:
                break
            instruction = len(tokenizer(parts[0] + " ASSISTANT: ").input_ids) - 2
            label[at:at + instruction] = [IGNORED] * len(label[at:at + instruction])
            at += length
        label[at:] = [IGNORED] * len(label[at:])
        if at < a.max_length and at != len(row):
            label = [IGNORED] * len(row)
        labels.append(label)
    return {"input_ids": ids, "labels": labels}

def offsets(batch):
    texts = [prompt(turns) for turns in batch["turns"]]
    encoded = tokenizer(texts, truncation=True, max_length=a.max_length, return_offsets_mapping=True)
    labels = []
    for turns, row, places in zip(batch["turns"], encoded.input_ids, encoded.offset_mapping):
        spans, at = [], len(SYSTEM)
        for question, answer in zip(turns[::2], turns[1::2]):
            begin = at + len("USER: ") + len(question) + len(" ASSISTANT:")
            at = begin + len(" ") + len(answer) + len("</s>")
            spans.append((begin, at))
        label, span = [IGNORED] * len(row), 0
        for t in range(1, len(row)):
            while span < len(spans) and places[t][0] >= spans[span][1]:
                span += 1
            if span == len(spans):
                break
            if places[t][1] > spans[span][0]:
                label[t] = row[t]
        labels.append(label)
    return {"input_ids": encoded.input_ids, "labels": labels}

datasets.disable_progress_bars()
with tempfile.TemporaryDirectory() as folder:
    data = datasets.Dataset.from_dict({"turns": conversations})
    began = time.perf_counter()
    mapped = data.map(fastchat if a.masks == "fastchat" else offsets, batched=True, num_proc=a.num_proc,
                      remove_columns=["turns"], cache_file_name=os.path.join(folder, "mapped.arrow"))
    seconds = time.perf_counter() - began
    columns = mapped.data
    tokens = sum(len(row) for chunk in columns.column("input_ids").chunks for row in chunk)
    labels = sum(int((chunk.values.to_numpy() != IGNORED).sum()) for chunk in columns.column("labels").chunks)
print(json.dumps(dict(samples=len(conversations), tokens=tokens, label_tokens=labels, seconds=round(seconds, 3),
                      tokens_per_s=round(tokens / seconds, 1), masks=a.masks, num_proc=a.num_proc,
                      datasets=datasets.__version__)))
