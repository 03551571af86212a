#!/usr/bin/env python3
"""Training speed of the peer on real conversations: each batch padded to its longest sample.

Reads what `dmt bench train --data ... --dump-tokens FILE` wrote, so that ids, masks and batches are the same as ours.
The loop is that of peer_speed.py (sdpa attention, fused AdamW); the first two steps warm up.

Usage: peer_padded.py DUMP.jsonl [--dtype float32|bfloat16]
Prints one JSON line; label_tokens_per_s is label tokens over time of all measured steps.
"""
import argparse, itertools, json, resource, statistics, time
import torch
from transformers import LlamaConfig, LlamaForCausalLM

WARM_UP = 2
ap = argparse.ArgumentParser()
ap.add_argument("dump")
ap.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
a = ap.parse_args()

with open(a.dump, encoding="utf-8") as file:
    samples = [json.loads(line) for line in file]
steps = [list(group) for _, group in itertools.groupby(samples, key=lambda sample: sample["step"])]

torch.manual_seed(0)
cfg = LlamaConfig(vocab_size=32000, hidden_size=288, intermediate_size=768, num_hidden_layers=6,
                  num_attention_heads=6, num_key_value_heads=6, max_position_embeddings=2048,
                  attn_implementation="sdpa", use_cache=False)
model = LlamaForCausalLM(cfg).float().train()
opt = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)

def padded(rows, fill):
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])

times, labels_seen, computed = [], 0, 0
for number, step in enumerate(steps):
    began = time.perf_counter()
    ids = padded([s["ids"] for s in step], 0)
    labels = padded([s["labels"] for s in step], -100)
    mask = padded([[1] * len(s["ids"]) for s in step], 0)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.dtype == "bfloat16"):
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step(); opt.zero_grad(set_to_none=True)
    if number >= WARM_UP:
        times.append(time.perf_counter() - began)
        labels_seen += int((labels[:, 1:] != -100).sum())
        computed += ids.numel()
print(json.dumps(dict(mode="train", preset="tiny", device="cpu", dtype=a.dtype, batch=len(steps[0]),
                      threads=torch.get_num_threads(), torch=torch.__version__,
                      params=sum(p.numel() for p in model.parameters()),
                      step_ms=round(statistics.median(times) * 1e3, 2),
                      tokens_per_s=round(computed / sum(times), 1),
                      label_tokens_per_s=round(labels_seen / sum(times), 1), label_tokens=labels_seen,
                      peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))
