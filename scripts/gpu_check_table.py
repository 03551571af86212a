#!/usr/bin/env python3
"""What scripts/gpu-check.sh has found: one JSON line for each check, and the table that is made of them.

gpu_check_table.py record FILE PART NAME STATE NOTE [RUN]   adds a line; RUN is a benchmark's JSON line
gpu_check_table.py table FILE [--into docs/gpu.md]          prints the table, or puts it between the page's marks
"""
import json
import sys

BEGIN, END = "<!-- gpu-check: begin -->", "<!-- gpu-check: end -->"
BREAKDOWN = ("products", "attention", "element_wise", "loss", "optimizer", "communication", "other")


def record(file, part, name, state, note, run=""):
    line = {"part": int(part), "name": name, "state": state, "note": note}
    if run:
        line["run"] = json.loads(run)
    with open(file, "a", encoding="utf-8") as results:
        results.write(json.dumps(line) + "\n")


def latest(file):
    """The last outcome of every check, in the order of parts."""
    checks = {}
    with open(file, encoding="utf-8") as results:
        for text in results:
            line = json.loads(text)
            checks.pop((line["part"], line["name"]), None)
            checks[line["part"], line["name"]] = line
    return sorted(checks.values(), key=lambda check: check["part"])


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def number(value, form):
    return "" if value is None else format(value, form)


def speeds(checks):
    lines = [row(["run", "tokens/s", "MFU", "ms of a step", "GPU MB", "planned MB", "attention"]), row(["---"] * 7)]
    for check in checks:
        run = check["run"]
        calls = run.get("attention_calls") or {}
        used = ", ".join(f"{kind} {count}" for kind, count in calls.items() if count)
        lines.append(row([check["name"], number(run.get("tokens_per_s"), ",.0f"), number(run.get("mfu_989"), ".3f"),
                          number(run.get("step_ms"), ",.1f"), number(run.get("peak_gpu_mb"), ","),
                          number(run.get("planned_gpu_mb"), ","), used]))
    return lines


def breakdowns(checks):
    lines = [row(["ms of a step", *(part.replace("_", "-") for part in BREAKDOWN)]), row(["---"] * (len(BREAKDOWN) + 1))]
    lines += [row([check["name"], *(f"{check['run']['breakdown_ms'][part]:.1f}" for part in BREAKDOWN)])
              for check in checks]
    return lines


def kernels(check):
    lines = [row(["kernel, bfloat16 data", "us", "GB/s", "of a copy"]), row(["---"] * 4)]
    lines += [row([k["kernel"], f"{k['us']:,.1f}", f"{k['gb_per_s']:,.0f}", f"{k['share_of_copy']:.2f}"])
              for k in check["run"]["kernels"]]
    return lines


def table(file):
    checks = latest(file)
    lines = [row(["check", "outcome"]), row(["---"] * 2)]
    lines += [row([check["name"], check["state"] + (f" ({check['note']})" if check["note"] else "")])
              for check in checks]
    runs = [check for check in checks if "tokens_per_s" in check.get("run", {})]
    if runs:
        lines += ["", *speeds(runs)]
    taken_apart = [check for check in runs if "breakdown_ms" in check["run"]]
    if taken_apart:
        lines += ["", *breakdowns(taken_apart)]
    for check in runs:
        if "prediction" in check["run"]:
            lines += ["", f"Predicted from \"{check['name']}\": `{json.dumps(check['run']['prediction'])}`"]
    for check in checks:
        if "kernels" in check.get("run", {}):
            lines += ["", *kernels(check)]
    return "\n".join(lines)


def put_into(page, text):
    with open(page, encoding="utf-8") as file:
        content = file.read()
    if content.count(BEGIN) != 1 or content.count(END) != 1 or content.index(BEGIN) > content.index(END):
        sys.exit(f"{page}: expected one {BEGIN} and one {END} behind it")
    head, rest = content.split(BEGIN)
    with open(page, "w", encoding="utf-8") as file:
        file.write(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


def main(arguments):
    if arguments[:1] == ["record"] and len(arguments) in (6, 7):
        record(*arguments[1:])
    elif arguments[:1] == ["table"] and len(arguments) == 2:
        print(table(arguments[1]))
    elif arguments[:1] == ["table"] and len(arguments) == 4 and arguments[2] == "--into":
        put_into(arguments[3], table(arguments[1]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
