#!/usr/bin/env python3
"""Writes the learning rates that transformers' Trainer has at each step; LearningRateScheduleTest compares ours.

    python scripts/golden_learning_rates.py > java-api/src/test/resources/ai/dmt/train/learning_rates.json

Needs torch and transformers 5.18.
"""
import json
import math

import torch
from transformers import get_scheduler

PEAK = 2e-5


def rates(name, steps, warmup, floor):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    kind = "cosine_with_min_lr" if floor else name
    more = {"scheduler_specific_kwargs": {"min_lr": floor}} if floor else {}
    scheduler = get_scheduler(kind, optimizer, num_warmup_steps=warmup, num_training_steps=steps, **more)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def cases():
    for name in ("constant", "constant_with_warmup", "linear", "cosine"):
        for steps, warmup_steps, ratio in ((1, 0, 0.03), (2, 0, 0.03), (10, 0, 0), (10, 3, 0), (34, 0, 0.03), (5, 5, 0), (3, 7, 0)):
            # TrainingArguments.get_warmup_steps
            warmup = warmup_steps if ratio == 0 else math.ceil(steps * ratio)
            for floor in (0, 5e-6) if name == "cosine" else (0,):
                yield {"lr_scheduler_type": name, "steps": steps, "warmup_steps": warmup_steps, "warmup_ratio": ratio,
                       "learning_rate": PEAK, "min_lr": floor, "rates": rates(name, steps, warmup, floor)}


print("[\n" + ",\n".join(json.dumps(case) for case in cases()) + "\n]")
