#!/usr/bin/env python3
"""Compares dmt's renderer of chat templates with Python's jinja2 under the settings of transformers.

    make_jinja_table.py              writes table.jsonl, the texts that JinjaTableTest expects, anew
    make_jinja_table.py --check      the same comparison with the classes that are built, here and now
    make_jinja_table.py --random N --seed S   N made-up templates instead

Needs transformers and jinja2; --check and --random need `./mvnw test-compile` before. A text that differs is an error, and so is a
text where jinja2 fails; what dmt refuses is listed.
"""
import argparse
import datetime
import glob
import itertools
import json
import os
import random
import subprocess
import sys

import jinja2
from transformers.utils import chat_template_utils

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(ROOT, "java-api/src/test/resources/ai/dmt/internal/jinja")
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)  # as in RenderLines


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat_template_utils.datetime = Clock


def expected(template, variables):
    """What transformers renders, or None where it fails."""
    try:
        text = chat_template_utils._compile_jinja_template(template).render(**variables)
        if len(text) > 1_000_000:
            return "(too long)"
        text.encode("utf-8")
        return "(never the same)" if " at 0x" in text or any(x in template for x in ("lipsum()", "| random")) else text
    except RecursionError:
        return None
    except Exception:  # whatever Python raises, dmt must raise something
        return None


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def system(text):
    return {"role": "system", "content": text}


WEATHER = {"type": "function", "function": {"name": "get_weather", "description": "Weather <now> & \"later\", é",
           "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1.5}}, "required": ["city"]}}}
CALL = {"type": "function", "id": "abcdefghi", "function": {"name": "get_weather", "arguments": {"city": "Köln", "days": 2}}}
TOOL_CHAT = [user("How warm?"), assistant("", tool_calls=[CALL]), {"role": "tool", "name": "get_weather", "tool_call_id": "abcdefghi", "content": "{\"t\": 21}"}, assistant("21 degrees.")]
CHATS = {
    "plain": [user("Banana é"), assistant("B"), user("Last")],
    "system": [system(" Be brief.\n"), user("A\n"), assistant(" B "), user("C")],
    "answered": [user("What is 2+2?"), assistant("<think>\nsum\n</think>\n\nIt is **4**."), user("x"), assistant("y")],
    "odd": [user("\u00a0\u3000a\x1b[31m\x1c\r\n{{ x }} {% y %} {# z #}\u0085\u2028"), assistant("\U0001F468\u200d\U0001F469 \\n 'q' \"d\" </s>\ufeff"), user("\x0b\x00 <b>&amp;\x7f")],
    "empty": [],
    "two users": [user("a"), user("b")],
}


def variables(chat, prompt=True, **more):
    return {"messages": chat, "tools": None, "documents": None, "add_generation_prompt": prompt, "bos_token": "<s>", "eos_token": "</s>"} | more


def cases():
    with open(os.path.join(DATA, "constructs.txt"), encoding="utf-8") as file:
        for line in file.read().split("\n"):
            if line and not line.startswith("#!"):
                yield line.replace("⏎", "\n").replace("␍", "\r"), variables(CHATS["plain"])
    for path in sorted(glob.glob(os.path.join(DATA, "templates/*.jinja"))):
        with open(path, encoding="utf-8", newline="") as file:
            template = file.read()
        for chat in CHATS.values():
            for prompt in (True, False):
                yield template, variables(chat, prompt)
        yield template, variables(TOOL_CHAT, True, tools=[WEATHER])
        yield template, variables(TOOL_CHAT[:3], True, tools=[WEATHER, WEATHER], enable_thinking=False)
        yield template, variables(CHATS["system"], True, tools=[WEATHER], date_string="1 May 2025", enable_thinking=True)


def rendered(pairs):
    """What dmt makes of templates and their variables."""
    repository = os.path.expanduser("~/.m2/repository/com/fasterxml/jackson/core")
    jars = [sorted(glob.glob(f"{repository}/{name}/2.2*/{name}-2.2*[0-9].jar"))[-1] for name in ("jackson-databind", "jackson-core", "jackson-annotations")]
    classes = os.environ.get("JINJA_CLASSES", f"{ROOT}/java-api/target/classes:{ROOT}/java-api/target/test-classes")
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", ":".join([classes, *jars]), "ai.dmt.internal.jinja.RenderLines"]
    lines = "".join(json.dumps({"template": t, "variables": v}) + "\n" for t, v in pairs)
    run = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in run.stdout.decode().split("\n") if line]


def compare(pairs, verbose):
    wrong = refused = 0
    for (template, given), got in zip(pairs, rendered(pairs)):
        want = expected(template, given)
        text = got.get("text")
        if "fault" in got or text is not None and text != want and want != "(too long)":
            wrong += 1
            print(f"DIFFERS: {template!r}\n   got      {str(got)[:1000]!r}\n   expected {str(want)[:1000]!r}")
        elif text is None and want is not None:
            refused += 1
            if verbose:
                print(f"refused: {template[:150]!r}: {got['error']}")
    print(f"{len(pairs)} renderings, {wrong} differ, {refused} refused")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--random", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true", help="do not list what is refused")
    options = parser.parse_args()
    if options.random:
        from jinja_grammar import Grammar
        grammar = Grammar(random.Random(options.seed))
        pairs = [(grammar.template(), variables(CHATS["odd"] if i % 3 else CHATS["plain"], data=grammar.data())) for i in range(options.random)]
        return 1 if compare(pairs, not options.quiet) else 0
    if options.check:
        return 1 if compare(list(cases()), not options.quiet) else 0
    with open(os.path.join(DATA, "table.jsonl"), "w", encoding="utf-8") as file:
        for template, given in cases():
            json.dump({"template": template, "variables": given, "expected": expected(template, given)}, file, ensure_ascii=True)
            file.write("\n")
    print(f"jinja2 {jinja2.__version__}: {sum(1 for _ in cases())} renderings of {len(set(t for t, _ in cases()))} templates")
    return 0


if __name__ == "__main__":
    sys.exit(main())
