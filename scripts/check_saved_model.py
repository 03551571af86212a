#!/usr/bin/env python3
"""Models trained with the built-in templates, loaded, prompted and stopped by transformers.

usage: check_saved_model.py [DMT]     DMT: the command, default ./dmt

Makes a tiny random base model, trains it with llama-3 and chatml until it knows one answer, and asks transformers alone:
its generate() must say the answer and stop at the template's end token, prompted by its own apply_chat_template. For
every built-in template the prompt of apply_chat_template must be the one of training, id for id, on several
conversations. Prints a line per check; exit code 0 only if all are right. Needs torch, transformers, tokenizers, jinja2.
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
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>",
           "<|im_start|>", "<|im_end|>"]
QUESTION, ANSWER = "What is the capital of France?", "Paris."
ENDS = {"llama-3": "<|eot_id|>", "chatml": "<|im_end|>"}
VICUNA = ("A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
          "detailed, and polite answers to the user's questions.")
failed = 0


def check(what, got, expected):
    global failed
    failed += got != expected
    print(f"ok   {what}" if got == expected else f"FAIL {what}: got {got!r}, expected {expected!r}", flush=True)


def make_base(folder):
    level = Tokenizer(models.BPE())
    level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    level.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=256, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
                                  show_progress=False)
    level.train_from_iterator([], trainer)
    level.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=level, bos_token=SPECIAL[0], eos_token=SPECIAL[1])
    tokenizer.save_pretrained(folder)
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=len(tokenizer), hidden_size=64, intermediate_size=96, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
                         initializer_range=0.05, bos_token_id=tokenizer.bos_token_id,
                         eos_token_id=tokenizer.eos_token_id)
    LlamaForCausalLM(config).save_pretrained(folder)
    return tokenizer


def expected_prompt(template, turns):
    """The text of training, written from the templates' descriptions; roles s, u and a."""
    bos, eos = SPECIAL[0], SPECIAL[1]
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


def train(dmt, base, data, template, *settings):
    out = f"out-{template}"
    run = subprocess.run([dmt, "train", "--model", base, "--data", f"a={data}", "--output", out, "--no-cache",
                          f"template={template}", "eval_fraction=0", "global_train_batch_size=8", *settings],
                         capture_output=True, text=True)
    check(f"{template}: trains", (run.returncode, run.stderr[-300:] if run.returncode else ""), (0, ""))
    return out if run.returncode == 0 else None


def main():
    dmt = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "./dmt")
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        base = make_base("base")
        turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]
        pathlib.Path("d.jsonl").write_text((json.dumps({"messages": turns}) + "\n") * 8)
        for template in ("llama-3", "chatml", "vicuna_v1.1", "llama-2-chat", "zephyr", "alpaca", "plain"):
            taught = template in ENDS
            out = train(dmt, "base", "d.jsonl", template,
                        *(["num_train_epochs=60", "learning_rate=5e-3"] if taught else ["max_steps=1"]))
            if out is None:
                continue
            tokenizer = AutoTokenizer.from_pretrained(out)
            for turns_ in conversations(template):
                names = {"s": "system", "u": "user", "a": "assistant"}
                got = tokenizer.apply_chat_template([{"role": names[r], "content": t} for r, t in turns_],
                                                    add_generation_prompt=True, return_dict=False)
                want = base.encode(expected_prompt(template, turns_), add_special_tokens=False)
                check(f"{template}: prompt of {len(turns_)} turns", got, want)
            if taught:
                check_stops(template, out, tokenizer)
        os.chdir("/")
    sys.exit(1 if failed else 0)


def check_stops(template, out, tokenizer):
    model = AutoModelForCausalLM.from_pretrained(out)
    prompt = tokenizer.apply_chat_template(TURNS, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    ids = model.generate(**prompt, max_new_tokens=30, do_sample=False, pad_token_id=0)[0]
    said = tokenizer.decode(ids[prompt["input_ids"].shape[1]:])
    check(f"{template}: transformers answers and stops", said, ANSWER + ENDS[template])
    ends = model.generation_config.eos_token_id
    check(f"{template}: the base's end and the template's", sorted(ends),
          sorted([tokenizer.convert_tokens_to_ids(ENDS[template]), tokenizer.eos_token_id]))


TURNS = [{"role": "user", "content": QUESTION}]

if __name__ == "__main__":
    main()
