#!/usr/bin/env python3
"""Speed and memory of LoRA training with the peer: PEFT around transformers' LlamaForCausalLM in a plain PyTorch loop.

peer_lora.py [MODEL | --preset tiny|small | --hidden H --ffn F --layers L --heads N --kv-heads K --vocab V [--tied]]
             [--tokens DUMP.jsonl | --gsm8k FILE [--tokenizer tokenizer.model]] [--batch B] [--seq T] [--steps N]
             [--rank R] [--alpha A] [--full] [--recompute] [--dtype float32|bfloat16] [--seed N]
MODEL is a Hugging Face folder; a shape has random weights (tiny: 24 M parameters, small: 134 M). The loop is that of
peer_speed.py (sdpa attention, fused AdamW over what is trained, clipping), base and adapter in float32; --dtype
bfloat16 is autocast. Adapters are on all linear layers but lm_head. --full trains the whole model, without PEFT.

Batches, each padded to its longest sample:
--tokens  what `dmt bench train --data ... --dump-tokens FILE` wrote: ids, masks and batches are the same as ours
--gsm8k   question and answer, the answer trained on, cut at T tokens, by the tokenizer.model of --tokenizer or MODEL;
          where that has more tokens than the model, random ones of the same lengths
neither   random sequences of T tokens, all trained on

Prints one JSON line. The first two steps warm up. tokens_per_s counts samples' tokens over time of all measured steps,
computed_per_s the padding too; step_ms is the median; loss is that of the first step and of the last.
"""
import argparse, itertools, json, pathlib, random, resource, statistics, time
import peft, torch
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

WARM_UP, IGNORED = 2, -100
SHAPES = {"tiny": (288, 768, 6, 6, 6, 32000), "small": (768, 2048, 12, 12, 12, 32000)}  # as in peer_speed.py

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument("model", nargs="?", type=pathlib.Path)
ap.add_argument("--preset", choices=SHAPES)
for size in ("hidden", "ffn", "layers", "heads", "kv-heads", "vocab"):
    ap.add_argument(f"--{size}", type=int)
ap.add_argument("--tied", action="store_true")
ap.add_argument("--tokens", type=pathlib.Path)
ap.add_argument("--gsm8k", type=pathlib.Path)
ap.add_argument("--tokenizer", type=pathlib.Path)
ap.add_argument("--batch", type=int, default=8)
ap.add_argument("--seq", type=int, default=256)
ap.add_argument("--steps", type=int, default=8)
ap.add_argument("--rank", type=int, default=8)
ap.add_argument("--alpha", type=float, default=16)
ap.add_argument("--full", action="store_true")
ap.add_argument("--recompute", action="store_true")
ap.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
ap.add_argument("--seed", type=int, default=0)
a = ap.parse_args()

given = [a.hidden, a.ffn, a.layers, a.heads, a.kv_heads, a.vocab]
if [a.model is not None, a.preset is not None, any(size is not None for size in given)].count(True) != 1:
    ap.error("give MODEL, --preset, or --hidden --ffn --layers --heads --kv-heads --vocab")
if a.tokens and a.gsm8k:
    ap.error("give --tokens or --gsm8k, not both")

def base_model():
    if a.model:
        return LlamaForCausalLM.from_pretrained(a.model, dtype=torch.float32, attn_implementation="sdpa")
    if a.preset is None and None in given:
        ap.error("a shape needs --hidden --ffn --layers --heads --kv-heads --vocab")
    hidden, ffn, layers, heads, kv_heads, vocab = SHAPES[a.preset] if a.preset else given
    return LlamaForCausalLM(LlamaConfig(
        vocab_size=vocab, hidden_size=hidden, intermediate_size=ffn, num_hidden_layers=layers,
        num_attention_heads=heads, num_key_value_heads=kv_heads, max_position_embeddings=max(2048, a.seq),
        tie_word_embeddings=a.tied, attn_implementation="sdpa")).float()

def dumped_steps():
    with open(a.tokens, encoding="utf-8") as file:
        samples = [json.loads(line) for line in file]
    steps = [list(group) for _, group in itertools.groupby(samples, key=lambda sample: sample["step"])]
    largest = max(max(sample["ids"]) for sample in samples)
    if largest >= vocab:
        ap.error(f"{a.tokens} has token {largest}, the model has {vocab} tokens")
    return steps

def gsm8k_steps():
    import sentencepiece
    path = a.tokenizer or (a.model and a.model / "tokenizer.model")
    if not path:
        ap.error("--gsm8k needs --tokenizer where there is no MODEL")
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(path))
    other_ids = random.Random(a.seed) if tokenizer.vocab_size() > vocab else None
    with open(a.gsm8k, encoding="utf-8") as file:
        lines = list(itertools.islice(file, a.batch * (WARM_UP + a.steps)))
    if len(lines) < a.batch * (WARM_UP + a.steps):
        ap.error(f"{a.gsm8k} has {len(lines)} problems, {WARM_UP} + {a.steps} steps of {a.batch} need more")
    samples = []
    for line in lines:
        problem = json.loads(line)
        prompt = [tokenizer.bos_id()] + tokenizer.encode(problem["question"] + "\n")
        ids = (prompt + tokenizer.encode(problem["answer"]) + [tokenizer.eos_id()])[:a.seq]
        if other_ids:
            ids = [other_ids.randrange(vocab) for _ in ids]
        samples.append(dict(ids=ids, labels=([IGNORED] * len(prompt) + ids[len(prompt):])[:len(ids)]))
    return [samples[at:at + a.batch] for at in range(0, len(samples), a.batch)]

def random_steps():
    generator = torch.Generator().manual_seed(a.seed)
    steps = torch.randint(0, vocab, (WARM_UP + a.steps, a.batch, a.seq), generator=generator).tolist()
    return [[dict(ids=row, labels=row) for row in rows] for rows in steps]

def padded(rows, fill):
    longest = max(map(len, rows))
    return torch.tensor([row + [fill] * (longest - len(row)) for row in rows])

torch.manual_seed(a.seed)
logging.disable_progress_bar()
model = base_model()
model.config.use_cache = False
vocab = model.config.vocab_size
parameters = model.num_parameters()
steps = dumped_steps() if a.tokens else gsm8k_steps() if a.gsm8k else random_steps()
if a.recompute:
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=dict(use_reentrant=False))
if not a.full:
    model = peft.get_peft_model(model, peft.LoraConfig(
        task_type="CAUSAL_LM", r=a.rank, lora_alpha=a.alpha, lora_dropout=0.0, target_modules="all-linear"))
model.train()
trained = [p for p in model.parameters() if p.requires_grad]
opt = torch.optim.AdamW(trained, lr=1e-4, fused=True)

times, losses, tokens, labels_seen, computed = [], [], 0, 0, 0
for number, step in enumerate(steps[:WARM_UP + a.steps]):
    began = time.perf_counter()
    ids = padded([s["ids"] for s in step], 0)
    labels = padded([s["labels"] for s in step], IGNORED)
    lengths = [len(s["ids"]) for s in step]
    mask = padded([[1] * length for length in lengths], 0) if min(lengths) < max(lengths) else None
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.dtype == "bfloat16"):
        loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, 1.0)
    opt.step(); opt.zero_grad(set_to_none=True)
    losses.append(loss.item())
    if number >= WARM_UP:
        times.append(time.perf_counter() - began)
        tokens += sum(lengths)
        labels_seen += int((labels[:, 1:] != IGNORED).sum())
        computed += ids.numel()
if not times:
    ap.error(f"{len(losses)} steps, of which the first {WARM_UP} warm up: none is left to measure")
total = sum(times)
print(json.dumps(dict(mode="train", model=str(a.model) if a.model else a.preset or "x".join(map(str, given)),
                      method="full" if a.full else "lora", rank=None if a.full else a.rank, device="cpu", dtype=a.dtype,
                      batch=len(steps[0]), threads=torch.get_num_threads(), torch=torch.__version__,
                      peft=peft.__version__, recompute=a.recompute, params=parameters,
                      trained_params=sum(p.numel() for p in trained), steps=len(times),
                      step_ms=round(statistics.median(times) * 1e3, 2), tokens_per_s=round(tokens / total, 1),
                      computed_per_s=round(computed / total, 1), label_tokens_per_s=round(labels_seen / total, 1),
                      tokens=tokens, label_tokens=labels_seen, loss=[round(losses[0], 4), round(losses[-1], 4)],
                      peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)))
