#!/usr/bin/env python3
"""What PEFT computes with LoRA adapters of small random LLaMAs, and what it says of adapters that dmt has written.

golden_lora.py --seed N --out FOLDER [--steps N]     writes golden cases: bases, and for each of them some adapters
golden_lora.py --check BASE [ADAPTER] --logits FILE  compares logits that dmt has computed with PEFT's
golden_lora.py --refused FOLDER                      writes adapter_config.json files that dmt must refuse
Needs: torch, transformers, peft, safetensors (written with peft 0.21.0, transformers 5.18.0, torch 2.13.0). All is
float32, one thread, no dropout.

FOLDER/BASE/model/              config.json and model.safetensors as transformers saves them
FOLDER/BASE/CASE/adapter/       adapter_config.json and adapter_model.safetensors as peft saves them, A and B random
FOLDER/BASE/CASE/expected.safetensors
    input_ids   int64 [B, T]     labels int64 [B, T] (-100 = not trained on), not shifted (HF convention)
    logits      float32 [B, T, V]
    merged      float32 [1, T, V], logits of the first row after merge_and_unload
    grad.NAME   float32, gradient of the loss over all label tokens, for every tensor of the adapter; NAME is that of
                adapter_model.safetensors
    after.NAME  float32, the tensor after the training steps
    generated   int64 [8 + n], greedy continuation of the first 8 tokens of the first row; it ends before the first
                token whose logit is less than 1e-3 above the next
FOLDER/BASE/CASE/expected.json  loss, the optimizer's settings, and per step: loss, grad_norm (before clipping), lr

--check reads FILE (float32, little-endian, the logits of all tokens in order, a row of vocab_size for each) and
FILE.json beside it: {"input_ids": [[...], ...]}, rows of any lengths, each a document of its own. Without ADAPTER,
BASE is a merged model. Prints the largest difference as JSON; exits with 1 if it is above --tolerance, if a tensor of
the adapter is missing or not used, or if transformers or peft warn.
"""
import argparse
import dataclasses
import json
import logging
import math
import os
import pathlib
import sys
import tempfile
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import peft
import torch
from peft.tuners.lora.config import (ArrowConfig, BdLoraConfig, CordaConfig, EvaConfig, KasaConfig, LoftQConfig,
                                     LoraGAConfig, MontecloraConfig, VeloraConfig)
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging as transformers_logging

# Those of the golden cases of whole models, but for the norm to clip at: here some steps are clipped and others not.
LEARNING_RATE, WARMUP, WEIGHT_DECAY, CLIP = 2e-3, 3, 0.1, 2.0
VOCABULARY, ROWS, TOKENS, PROMPT, NEW_TOKENS, NEAR_TIE = 60, 3, 18, 8, 24, 1e-3

LLAMA3_ROPE = dict(rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=64)
PLAIN_ROPE = dict(rope_type="default", rope_theta=10000.0)
# heads * head_dim is hidden_size in "mha" only: elsewhere q_proj and o_proj are not square.
BASES = {
    "gqa": dict(hidden_size=24, intermediate_size=36, num_attention_heads=4, num_key_value_heads=2, head_dim=8,
                rope_parameters=LLAMA3_ROPE, tie_word_embeddings=False, rms_norm_eps=1e-5),
    "mha": dict(hidden_size=16, intermediate_size=28, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
                rope_parameters=PLAIN_ROPE, tie_word_embeddings=False, rms_norm_eps=1e-6),
    "tied": dict(hidden_size=24, intermediate_size=28, num_attention_heads=4, num_key_value_heads=1, head_dim=8,
                 rope_parameters=LLAMA3_ROPE, tie_word_embeddings=True, rms_norm_eps=1e-5),
}
SEVEN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
CASES = {
    "qv": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"]),
    # up_proj has the defaults of both, q_proj the default alpha, down_proj an alpha that is no whole number.
    "patterns": dict(r=3, lora_alpha=5, target_modules=SEVEN,
                     rank_pattern=dict(q_proj=2, k_proj=5, v_proj=4, o_proj=1, gate_proj=2),
                     alpha_pattern=dict(k_proj=2, v_proj=8, o_proj=3, gate_proj=6, down_proj=4.5)),
    "rslora": dict(r=3, lora_alpha=4, target_modules="all-linear", use_rslora=True, rank_pattern=dict(down_proj=5)),
    # Here peft saves the embeddings' own weights beside those of the adapter ("...base_layer.weight").
    "embeddings": dict(r=2, lora_alpha=4, target_modules=["embed_tokens", "lm_head", "k_proj", "up_proj"],
                       rank_pattern=dict(embed_tokens=3), alpha_pattern=dict(lm_head=3)),
    "lm_head": dict(r=3, lora_alpha=3, target_modules=["lm_head", "down_proj"], use_rslora=True),
}
# Not those that differ in the base alone; nor tied embeddings, which peft unties to merge them.
CASES_OF_BASES = dict(gqa=["qv", "patterns", "rslora", "embeddings"], mha=["qv", "rslora", "embeddings", "lm_head"],
                      tied=["patterns", "rslora"])

# Every key that peft 0.21's LoraConfig writes, with what may stand there without changing what plain LoRA computes.
# ANY: of no effect on a forward or backward pass. READ: a reader must use it. A tuple: one of these values.
ANY, READ = object(), object()
NEUTRAL = dict(
    alora_invocation_tokens=(None,),
    alpha_pattern=READ,                # neutral: {}; keys are matched as the regular expression (.*\.)?(KEY)$
    arrow_config=(None,),
    auto_mapping=ANY,                  # classes of base and adapter
    base_model_name_or_path=ANY,
    bias=("none",),
    corda_config=(None,),
    ensure_weight_tying=(False,),
    eva_config=(None,),
    exclude_modules=(None, []),
    fan_in_fan_out=(False,),
    inference_mode=ANY,                # True in all that save_pretrained writes
    init_lora_weights=(True, False, "gaussian", "orthogonal"),  # the others change the base, or freeze B
    kasa_config=(None,),
    layer_replication=(None,),
    layers_pattern=(None,),
    layers_to_transform=(None,),
    loftq_config=({}, None),
    lora_alpha=READ,
    lora_bias=(False,),
    lora_dropout=READ,                 # neutral: 0; of no effect but in training
    lora_ga_config=(None,),
    megatron_config=(None,),
    megatron_core=ANY,                 # read with megatron_config only
    modules_to_save=(None, []),
    monteclora_config=(None,),
    peft_type=("LORA",),
    peft_version=ANY,
    qalora_group_size=ANY,             # read with use_qalora only
    r=READ,
    rank_pattern=READ,                 # as alpha_pattern
    revision=ANY,
    target_modules=READ,               # a list of module names, or one regular expression for whole names
    target_parameters=(None, []),
    task_type=(None, "CAUSAL_LM"),     # others put a head of their own in place of lm_head
    trainable_token_indices=(None,),
    use_bdlora=(None,),
    use_dora=(False,),
    use_qalora=(False,),
    use_rslora=READ,
    velora_config=(None,),
)

LAYER = "model.layers.0.self_attn.q_proj"
# File name: the key that the error must name, and what differs from a plain adapter.
REFUSED = {
    "adalora": ("peft_type", dict(peft_type="ADALORA", init_r=12, target_r=8, deltaT=1)),
    "alora": ("alora_invocation_tokens", dict(alora_invocation_tokens=[1, 529])),
    "alpha-of-a-layer": ("alpha_pattern", dict(alpha_pattern={LAYER: 16})),
    "arrow": ("arrow_config", dict(arrow_config=ArrowConfig())),
    "bdlora": ("use_bdlora", dict(use_bdlora=BdLoraConfig(target_modules_bd_b=["q_proj"], nblocks=2))),
    "bias-all": ("bias", dict(bias="all")),
    "bias-lora-only": ("bias", dict(bias="lora_only")),
    "corda": ("init_lora_weights", dict(init_lora_weights="corda", corda_config=CordaConfig())),
    "dora": ("use_dora", dict(use_dora=True)),
    "ensure-weight-tying": ("ensure_weight_tying", dict(ensure_weight_tying=True)),
    "eva": ("init_lora_weights", dict(init_lora_weights="eva", eva_config=EvaConfig())),
    "exclude-modules": ("exclude_modules", dict(exclude_modules=[LAYER])),
    "fan-in-fan-out": ("fan_in_fan_out", dict(fan_in_fan_out=True)),
    "ia3": ("peft_type", peft.IA3Config(task_type="CAUSAL_LM", target_modules=["k_proj", "v_proj", "down_proj"],
                                        feedforward_modules=["down_proj"])),
    "kasa": ("kasa_config", dict(kasa_config=KasaConfig())),
    "layer-replication": ("layer_replication", dict(layer_replication=[[0, 4], [2, 5]])),
    "layers-pattern": ("layers_pattern", dict(layers_pattern="layers")),
    "layers-to-transform": ("layers_to_transform", dict(layers_to_transform=[0])),
    "layers-to-transform-one": ("layers_to_transform", dict(layers_to_transform=0)),
    "loftq": ("init_lora_weights", dict(init_lora_weights="loftq", loftq_config=LoftQConfig())),
    "loha": ("peft_type", peft.LoHaConfig(task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj"])),
    "lora-bias": ("lora_bias", dict(lora_bias=True)),
    "lora-ga": ("init_lora_weights", dict(init_lora_weights="lora_ga", lora_ga_config=LoraGAConfig())),
    "megatron": ("megatron_config", dict(megatron_config={"tensor_model_parallel_size": 2})),
    "mica": ("init_lora_weights", dict(init_lora_weights="mica")),
    "modules-to-save": ("modules_to_save", dict(modules_to_save=["embed_tokens", "lm_head"])),
    "monteclora": ("monteclora_config", dict(monteclora_config=MontecloraConfig())),
    "no-peft-type": ("peft_type", dict(peft_type=None)),
    "no-target-modules": ("target_modules", dict(target_modules=None)),
    "olora": ("init_lora_weights", dict(init_lora_weights="olora")),
    "pissa": ("init_lora_weights", dict(init_lora_weights="pissa")),
    "pissa-niter": ("init_lora_weights", dict(init_lora_weights="pissa_niter_16")),
    "qalora": ("use_qalora", dict(use_qalora=True)),
    "rank-of-a-layer": ("rank_pattern", dict(rank_pattern={LAYER: 16})),
    "sequence-classification": ("task_type", dict(task_type="SEQ_CLS")),
    "target-parameters": ("target_parameters", dict(target_parameters=["mlp.gate_proj.weight"])),
    "targets-of-a-layer": ("target_modules", dict(target_modules=[LAYER, "v_proj"])),
    "targets-of-a-layer-by-expression": ("target_modules",
                                         dict(target_modules=r"model\.layers\.[01]\.self_attn\.(q|v)_proj")),
    "trainable-tokens": ("trainable_token_indices", dict(trainable_token_indices=[3, 7])),
    "trainable-tokens-by-module": ("trainable_token_indices", dict(trainable_token_indices={"embed_tokens": [3, 7]})),
    "unknown-key": ("use_lora_of_tomorrow", dict(use_lora_of_tomorrow=True)),
    "velora": ("velora_config", dict(velora_config=VeloraConfig())),
    "vera": ("peft_type", peft.VeraConfig(task_type="CAUSAL_LM", target_modules=["q_proj", "v_proj"])),
}


def new_base(settings, seed):
    torch.manual_seed(seed)
    # Larger than usual: logits and gradients must differ from token to token.
    config = LlamaConfig(vocab_size=VOCABULARY, num_hidden_layers=2, max_position_embeddings=128, attention_bias=False,
                         attn_implementation="eager", bos_token_id=1, eos_token_id=2, pad_token_id=None,
                         initializer_range=0.2, **settings)
    model = LlamaForCausalLM(config).float()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith("norm.weight"):
                p.add_(0.1 * torch.randn(p.shape))
    return model


def load_base(folder):
    model, info = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                   output_loading_info=True)
    problems = {key: value for key, value in info.items() if value}
    if problems:
        sys.exit(f"from_pretrained of {folder} found {problems}")
    return model


def new_adapter(base, settings, seed):
    """A and B of one size: B * A is of the size of the base's weights, and all gradients are of one order."""
    model = peft.get_peft_model(base, peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **settings))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                p.copy_(0.25 * torch.randn(p.shape, generator=generator))
    return model.eval()


def save_adapter(model, folder, base_name):
    model.save_pretrained(folder)
    (folder / "README.md").unlink()
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = base_name  # the base is made here and has no name yet
    config["target_modules"].sort()  # a set, in an order that differs from run to run
    path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def trained_tensors(model):
    """By the names of adapter_model.safetensors."""
    return {name.replace(".default", ""): p for name, p in model.named_parameters() if p.requires_grad}


def random_rows(vocabulary, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(3, vocabulary, (ROWS, TOKENS), generator=generator)
    labels = ids.clone()
    for row in range(ROWS):
        labels[row, : 3 + 4 * row] = -100  # prompts of different lengths
    labels[0, 11:14] = -100  # as in a conversation of several turns
    return ids, labels


def summed_loss(model, ids, labels):
    logits = model(input_ids=ids).logits[:, :-1]
    return torch.nn.functional.cross_entropy(logits.reshape(-1, logits.shape[-1]), labels[:, 1:].reshape(-1),
                                             ignore_index=-100, reduction="sum")


def greedy(model, prompt):
    ids = prompt
    for _ in range(NEW_TOKENS):
        best = model(input_ids=ids).logits[0, -1].topk(2)
        if best.values[0] - best.values[1] < NEAR_TIE:
            break
        ids = torch.cat([ids, best.indices[:1, None]], 1)
    return ids[0]


def learning_rate(step, steps):
    if step < WARMUP:
        return LEARNING_RATE * (step + 1) / WARMUP
    return 0.5 * LEARNING_RATE * (1 + math.cos(math.pi * (step - WARMUP) / (steps - WARMUP)))


def train(model, ids, labels, steps):
    weights = list(trained_tensors(model).values())
    optimizer = torch.optim.AdamW(weights, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, foreach=False)
    metrics = []
    for step in range(steps):
        rate = learning_rate(step, steps)
        optimizer.param_groups[0]["lr"] = rate
        rows = [step % len(ids), (step + 1) % len(ids)]
        count = sum(int((labels[row, 1:] != -100).sum()) for row in rows)
        losses = [summed_loss(model, ids[row:row + 1], labels[row:row + 1]) / count for row in rows]
        for loss in losses:
            loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights, CLIP).item()
        optimizer.step()
        optimizer.zero_grad()
        metrics.append(dict(loss=sum(loss.item() for loss in losses), grad_norm=norm, lr=rate))
    return metrics


def write_case(folder, base_folder, base_name, case, seed, steps):
    model = new_adapter(load_base(base_folder), CASES[case], seed)
    save_adapter(model, folder / "adapter", base_name)
    ids, labels = random_rows(model.config.vocab_size, seed + 1)
    tensors = {"input_ids": ids, "labels": labels}
    with torch.no_grad():
        tensors["logits"] = model(input_ids=ids).logits
        tensors["generated"] = greedy(model, ids[:1, :PROMPT])
        merged = peft.PeftModel.from_pretrained(load_base(base_folder), folder / "adapter").merge_and_unload()
        tensors["merged"] = merged(input_ids=ids[:1]).logits
        base_logits = load_base(base_folder)(input_ids=ids).logits
    loss = summed_loss(model, ids, labels) / (labels[:, 1:] != -100).sum()
    loss.backward()
    names = trained_tensors(model)
    with safe_open(folder / "adapter" / "adapter_model.safetensors", "pt") as saved:
        unknown = set(saved.keys()) ^ set(names)
        if any(not name.endswith(".base_layer.weight") for name in unknown):
            sys.exit(f"{folder}: names of trained tensors and of saved ones differ: {sorted(unknown)}")
    tensors |= {f"grad.{name}": p.grad.clone() for name, p in names.items()}
    model.zero_grad()
    metrics = train(model, ids, labels, steps)
    tensors |= {f"after.{name}": p.detach() for name, p in names.items()}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "expected.safetensors")
    optimizer = dict(lr=LEARNING_RATE, betas=[0.9, 0.999], eps=1e-8, weight_decay=WEIGHT_DECAY, clip_norm=CLIP,
                     warmup_steps=WARMUP, schedule="cosine", steps=steps, final_lr=0.0,
                     note=f"of adapter tensors only; step s (0-based) accumulates rows s mod {ROWS} and (s + 1) mod "
                          f"{ROWS}, divided by the label tokens of both together")
    (folder / "expected.json").write_text(
        json.dumps(dict(loss=loss.item(), optimizer=optimizer, steps=metrics), indent=1) + "\n")
    norms = [step["grad_norm"] for step in metrics]
    print(f"{folder}: {sum(p.numel() for p in names.values())} adapter parameters, loss {metrics[0]['loss']:.4f} -> "
          f"{metrics[-1]['loss']:.4f}, gradient norms {min(norms):.3f} to {max(norms):.3f}, "
          f"{len(tensors['generated']) - PROMPT} greedy tokens, logits off the base's by "
          f"{(tensors['logits'] - base_logits).abs().max():.3f}, merged by "
          f"{(tensors['merged'] - tensors['logits'][:1]).abs().max():.1e}")


def write_golden(out, seed, steps):
    warnings.filterwarnings("ignore", message="Setting `save_embedding_layers` to `True`")
    for number, (base, settings) in enumerate(BASES.items()):
        new_base(settings, seed + 100 * number).save_pretrained(out / base / "model")
        for case in CASES_OF_BASES[base]:
            write_case(out / base / case, out / base / "model", base, case, seed + 100 * number, steps)


class Refuse(logging.Handler):
    """Turns every warning of transformers into the end of this program."""

    def emit(self, record):
        sys.exit(f"transformers warned: {record.getMessage()}")


def check(base, adapter, file, tolerance):
    warnings.simplefilter("error")
    transformers_logging.add_handler(Refuse(level=logging.WARNING))
    model = load_base(base)
    if adapter:
        model = peft.PeftModel.from_pretrained(model, adapter)
        names = {name.replace(".default", "") for name, _ in model.named_parameters() if "lora_" in name}
        saved = set(load_file(pathlib.Path(adapter) / "adapter_model.safetensors"))
        extra = {name for name in saved - names if not name.endswith(".base_layer.weight")}
        if extra or names - saved:
            sys.exit(f"{adapter}: peft makes no use of {sorted(extra)}, and misses {sorted(names - saved)}")
    rows = json.loads(pathlib.Path(f"{file}.json").read_text())["input_ids"]
    vocabulary = model.config.vocab_size
    actual = numpy.fromfile(file, "<f4")
    expected_size = sum(map(len, rows)) * vocabulary
    if actual.size != expected_size:
        sys.exit(f"{file}: {actual.size} float32, expected tokens * vocab_size = {sum(map(len, rows))} * {vocabulary}")
    with torch.no_grad():
        expected = numpy.concatenate([model.eval()(input_ids=torch.tensor([row])).logits[0].numpy() for row in rows])
    difference = numpy.abs(actual.reshape(expected.shape) - expected)
    at = numpy.unravel_index(numpy.argmax(difference), difference.shape)  # a NaN is the largest
    largest = float(difference[at])
    print(json.dumps(dict(largest_difference=largest, token=int(at[0]), vocabulary_id=int(at[1]),
                          actual=float(actual.reshape(expected.shape)[at]), expected=float(expected[at]),
                          largest_logit=float(numpy.abs(expected).max()), tokens=len(expected),
                          tolerance=tolerance, peft=peft.__version__)))
    sys.exit(0 if largest <= tolerance else 1)


def saved_config(config):
    with tempfile.TemporaryDirectory() as folder:
        config.save_pretrained(folder)
        return json.loads((pathlib.Path(folder) / "adapter_config.json").read_text())


def write_refused(out):
    plain = saved_config(peft.LoraConfig(task_type="CAUSAL_LM", base_model_name_or_path="base", inference_mode=True,
                                         target_modules=["q_proj"]))
    if set(plain) != set(NEUTRAL):
        sys.exit(f"peft {peft.__version__} writes other keys than NEUTRAL lists: {sorted(set(plain) ^ set(NEUTRAL))}")
    changed = {key for key, values in NEUTRAL.items() if isinstance(values, tuple) and plain[key] not in values}
    if changed:
        sys.exit(f"peft {peft.__version__} has defaults that NEUTRAL does not list: {sorted(changed)}")
    plain["target_modules"] = ["q_proj", "v_proj"]
    out.mkdir(parents=True, exist_ok=True)
    table = ["# adapter_config.json files of adapters that are more than plain LoRA on whole modules, and the key that",
             "# the error must name; scripts/golden_lora.py --refused writes them.", "file\tkey"]
    for name, (key, change) in sorted(REFUSED.items()):
        if dataclasses.is_dataclass(change):
            config = saved_config(change) | {"base_model_name_or_path": "base"}
            config = {k: sorted(v) if k in ("target_modules", "feedforward_modules") else v for k, v in config.items()}
        else:
            config = plain | {k: dataclasses.asdict(v) if dataclasses.is_dataclass(v) else v for k, v in change.items()}
        (out / f"{name}.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        table.append(f"{name}.json\t{key}")
    (out / "refused.tsv").write_text("\n".join(table) + "\n")
    print(f"{out}: {len(REFUSED)} files")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--check", nargs="+", metavar="FOLDER", help="BASE, or BASE and ADAPTER")
    parser.add_argument("--logits", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--refused", type=pathlib.Path, metavar="FOLDER")
    a = parser.parse_args()
    if sum(value is not None for value in (a.out, a.check, a.refused)) != 1:
        parser.error("give one of --out, --check and --refused")
    if a.check and (len(a.check) > 2 or a.logits is None):
        parser.error("--check takes BASE or BASE and ADAPTER, and --logits")
    transformers_logging.disable_progress_bar()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    if a.out:
        write_golden(a.out, a.seed, a.steps)
    elif a.check:
        check(a.check[0], a.check[1] if len(a.check) == 2 else None, a.logits, a.tolerance)
    else:
        write_refused(a.refused)


if __name__ == "__main__":
    main()
