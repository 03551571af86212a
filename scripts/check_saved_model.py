#!/usr/bin/env python3
"""Models trained with the built-in templates, loaded, prompted and stopped by transformers.

usage: check_saved_model.py [DMT]     DMT: the command, default ./dmt

Makes two tiny random base models, one whose tokenizer adds a begin token and one whose tokenizer does not, trains each
with every built-in template until it knows one answer, and asks transformers alone: its generate() must say the answer
and stop at the template's end token, prompted by its own apply_chat_template. That prompt must be the one of training,
id for id, on several conversations. Prints a line per check and a total; exit code 0 only if all are right. Needs torch,
transformers, tokenizers, jinja2.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
           "<|im_start|>", "<|im_end|>"]
QUESTION, ANSWER = "What is the capital of France?", "Paris."
TURNS = [{"role": "user", "content": QUESTION}]
TEMPLATES = ("llama-3", "chatml", "vicuna_v1.1", "llama-2-chat", "zephyr", "alpaca", "plain")
ENDS = {"llama-3": "<|eot_id|>", "chatml": "<|im_end|>"}  # the others end with the tokenizer's end token
VICUNA = ("A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
          "detailed, and polite answers to the user's questions.")
checks = {"ok": 0, "FAIL": 0}


def check(what, got, expected):
    checks["ok" if got == expected else "FAIL"] += 1
    print(f"ok   {what}" if got == expected else f"FAIL {what}: got {got!r}, expected {expected!r}", flush=True)


def make_base(folder, adds_begin):
    level = Tokenizer(models.BPE())
    level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    level.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=256, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    level.train_from_iterator([], trainer)
    level.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    if adds_begin:
        level.post_processor = TemplateProcessing(single=f"{SPECIAL[0]} $A", pair=f"{SPECIAL[0]} $A $B",
                                                  special_tokens=[(SPECIAL[0], level.token_to_id(SPECIAL[0]))])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=level, bos_token=SPECIAL[0], eos_token=SPECIAL[1])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=64, intermediate_size=96, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
                         initializer_range=0.05, bos_token_id=tokenizer.bos_token_id,
                         eos_token_id=tokenizer.eos_token_id)
    LlamaForCausalLM(config).save_pretrained(folder)
    return tokenizer


def expected_prompt(template, turns, adds_begin):
    """The text of training, written from the templates' descriptions; roles s, u and a."""
    eos = SPECIAL[1]
    bos = SPECIAL[0] if adds_begin or template == "llama-3" else ""  # llama-3 states it, the others leave it to the folder
    roles = {"s": "system", "u": "user", "a": "assistant"}
    system = turns[0][1] if turns[0][0] == "s" else ""
    rest = [turn for turn in turns if turn[0] != "s"]
    if template == "llama-3":
        header = "<|start_header_id|>%s<|end_header_id|>\n\n"
        return bos + "".join(header % roles[r] + t.strip() + "<|eot_id|>" for r, t in turns) + header % "assistant"
    if template == "chatml":
        return "".join(f"<|im_start|>{roles[r]}\n{t}<|im_end|>\n" for r, t in turns) + "<|im_start|>assistant\n"
    if template == "zephyr":
        return bos + "".join(f"<|{roles[r]}|>\n{t}{eos}\n" for r, t in turns) + "<|assistant|>\n"
    if template == "vicuna_v1.1":
        return bos + (system or VICUNA) + " " + "".join(
            f"USER: {t} ASSISTANT:" if r == "u" else f" {t}{eos}" for r, t in rest)
    if template == "llama-2-chat":
        first = f"<<SYS>>\n{system}\n<</SYS>>\n\n" if system else ""
        return "".join(f"{bos}[INST] {((first if i == 0 else '') + t).strip()} [/INST]" if r == "u"
                       else f" {t.strip()} {eos}" for i, (r, t) in enumerate(rest))
    if template == "alpaca":
        return (bos + "Below is an instruction that describes a task. Write a response that appropriately completes "
                f"the request.\n\n### Instruction:\n{rest[0][1]}\n\n### Response:")
    return bos + rest[0][1]


def conversations(template):
    odd = "\u00a0 a 'question'\\ {{ 7 }} \u4f60\n "
    yield [("u", QUESTION)]
    yield [("u", odd)]
    if template not in ("alpaca", "plain"):
        yield [("s", "Be brief, don't lie."), ("u", odd)]
        yield [("s", "S"), ("u", "one"), ("a", " two "), ("u", odd)]
        yield [("u", "one"), ("a", "two"), ("u", "three"), ("a", "four"), ("u", "five")]


def train(dmt, base, template):
    out = f"{base}-{template}"
    run = subprocess.run([dmt, "train", "--model", base, "--data", "a=d.jsonl", "--output", out, "--no-cache",
                          f"template={template}", "eval_fraction=0", "global_train_batch_size=8",
                          "num_train_epochs=60", "learning_rate=5e-3"], capture_output=True, text=True)
    check(f"{out}: trains", (run.returncode, run.stderr[-300:] if run.returncode else ""), (0, ""))
    return out if run.returncode == 0 else None


def check_prompts(out, template, base, adds_begin):
    tokenizer = AutoTokenizer.from_pretrained(out)
    names = {"s": "system", "u": "user", "a": "assistant"}
    for turns in conversations(template):
        got = tokenizer.apply_chat_template([{"role": names[r], "content": t} for r, t in turns],
                                            add_generation_prompt=True, return_dict=False)
        want = base.encode(expected_prompt(template, turns, adds_begin), add_special_tokens=False)
        check(f"{out}: prompt of {len(turns)} turns", got, want)


def check_stops(out, end):
    tokenizer, model = AutoTokenizer.from_pretrained(out), AutoModelForCausalLM.from_pretrained(out)
    prompt = tokenizer.apply_chat_template(TURNS, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    ids = model.generate(**prompt, max_new_tokens=30, do_sample=False, pad_token_id=0)[0]
    said = tokenizer.decode(ids[prompt["input_ids"].shape[1]:])
    check(f"{out}: transformers answers and stops", (said.removesuffix(end).strip(), said.endswith(end)),
          (ANSWER, True))
    ends = model.generation_config.eos_token_id
    check(f"{out}: the base's end and the template's", sorted(ends if isinstance(ends, list) else [ends]),
          sorted({tokenizer.convert_tokens_to_ids(end), tokenizer.eos_token_id}))


def main():
    dmt = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "./dmt")
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        turns = [*TURNS, {"role": "assistant", "content": ANSWER}]
        pathlib.Path("d.jsonl").write_text((json.dumps({"messages": turns}) + "\n") * 8)
        for folder, adds_begin in (("begins", True), ("plain-start", False)):
            base = make_base(folder, adds_begin)
            for template in TEMPLATES:
                out = train(dmt, folder, template)
                if out is not None:
                    check_prompts(out, template, base, adds_begin)
                    check_stops(out, ENDS.get(template, SPECIAL[1]))
        os.chdir("/")
    print(f"{checks['ok']} right, {checks['FAIL']} wrong")
    sys.exit(1 if checks["FAIL"] else 0)


if __name__ == "__main__":
    main()
