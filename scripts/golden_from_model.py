#!/usr/bin/env python3
"""What transformers computes for a model folder, in the layout that `dmt doctor --golden` reads.

Usage: golden_from_model.py MODEL_DIR OUT_DIR [--seed N] [--steps N] [--rows B] [--tokens T]
Needs: torch, transformers, safetensors. float32, one thread.

Shows that a folder that dmt has written loads with from_pretrained and no warning (a warning is an error here), and
that both compute the same: run `dmt doctor --golden OUT_DIR` afterwards.
"""
import argparse
import json
import logging
import math
import pathlib
import shutil
import sys
import warnings

import torch
from safetensors.torch import save_file
from transformers import LlamaForCausalLM
from transformers.utils import logging as transformers_logging

LEARNING_RATE, WARMUP, WEIGHT_DECAY, CLIP = 1e-3, 3, 0.1, 1.0


class Refuse(logging.Handler):
    """Turns every warning of transformers into the end of this program."""

    def emit(self, record):
        sys.exit(f"transformers warned: {record.getMessage()}")


def load(folder):
    warnings.simplefilter("error")
    handler = Refuse(level=logging.WARNING)
    transformers_logging.add_handler(handler)
    model, info = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                   output_loading_info=True)
    transformers_logging.remove_handler(handler)
    warnings.simplefilter("default")
    problems = {key: value for key, value in info.items() if value}
    if problems:
        sys.exit(f"from_pretrained found {problems}")
    return model


def random_rows(vocabulary, rows, tokens, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, vocabulary, (rows, tokens), generator=generator)
    labels = ids.clone()
    for row in range(rows):
        labels[row, : 1 + tokens * (row + 1) // (rows + 3)] = -100  # prompts of different lengths
    return ids, labels


def summed_loss(model, ids, labels):
    logits = model(ids).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1),
                                             ignore_index=-100, reduction="sum")


def learning_rate(step, steps):
    if step < WARMUP:
        return LEARNING_RATE * (step + 1) / WARMUP
    return 0.5 * LEARNING_RATE * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP)))


def train(model, ids, labels, steps):
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, foreach=False)
    metrics = []
    for step in range(steps):
        rate = learning_rate(step, steps)
        optimizer.param_groups[0]["lr"] = rate
        rows = [step % len(ids), (step + 1) % len(ids)]
        count = sum(int((labels[row, 1:] != -100).sum()) for row in rows)
        losses = [summed_loss(model, ids[row:row + 1], labels[row:row + 1]) / count for row in rows]
        for loss in losses:
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP).item()
        optimizer.step()
        optimizer.zero_grad()
        metrics.append(dict(loss=sum(loss.item() for loss in losses), grad_norm=norm, lr=rate))
    return metrics


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rows", type=int, default=4)
    parser.add_argument("--tokens", type=int, default=48)
    a = parser.parse_args()
    torch.set_num_threads(1)
    model = load(a.model)
    a.out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(a.model, a.out / "model", dirs_exist_ok=True)
    ids, labels = random_rows(model.config.vocab_size, a.rows, a.tokens, a.seed)
    out = model(input_ids=ids, labels=labels)
    out.loss.backward()
    tensors = {"input_ids": ids, "labels": labels, "logits": out.logits.detach()}
    tensors |= {f"grad.{name}": p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    generated = ids[:1, :8]
    with torch.no_grad():
        for _ in range(32):
            generated = torch.cat([generated, model(generated).logits[:, -1:].argmax(-1)], 1)
    tensors["generated"] = generated[0]
    steps = train(model, ids, labels, a.steps)
    tensors |= {f"after.{name}": p.detach() for name, p in model.named_parameters()}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, a.out / "expected.safetensors")
    optimizer = dict(lr=LEARNING_RATE, betas=[0.9, 0.999], eps=1e-8, weight_decay=WEIGHT_DECAY, clip_norm=CLIP,
                     warmup_steps=WARMUP, schedule="cosine", steps=a.steps, final_lr=0.0)
    (a.out / "expected.json").write_text(json.dumps(dict(loss=out.loss.item(), optimizer=optimizer, steps=steps)))
    print(f"{a.out}: {sum(p.numel() for p in model.parameters())} parameters, loss {out.loss.item():.4f}")


if __name__ == "__main__":
    main()
