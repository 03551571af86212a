#!/usr/bin/env python3
"""What TensorBoard reads in a folder of event files, by its accumulator and by the HTTP API of a server that it starts.

Needs Python with tensorboard. Prints one JSON object: for each run, its scalars (tag to [[step, value], ...]) and texts
(tag to [[step, text], ...]); exits with 1 where the two readers differ.

  scripts/check_tensorboard.py DIR
"""
import json
import os
import sys
import urllib.parse
import urllib.request

if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
    sys.exit(f"check_tensorboard: {sys.argv[1]} is no folder" if len(sys.argv) == 2 else "usage: check_tensorboard.py DIR")

from tensorboard import program
from tensorboard.backend.event_processing import event_accumulator, plugin_event_multiplexer


def accumulated(folder):
    readers = plugin_event_multiplexer.EventMultiplexer({}, {event_accumulator.TENSORS: 0, event_accumulator.SCALARS: 0})
    readers.AddRunsFromDirectory(folder)
    readers.Reload()
    runs = {}
    for run in readers.Runs():
        accumulator = readers.GetAccumulator(run)
        found = {"scalars": {}, "text": {}}
        for tag in accumulator.Tags()["tensors"]:
            events = accumulator.Tensors(tag)
            plugin = accumulator.SummaryMetadata(tag).plugin_data.plugin_name
            if plugin == "text":
                found["text"][tag] = [[e.step, e.tensor_proto.string_val[0].decode("utf-8")] for e in events]
            else:
                found["scalars"][tag] = [[e.step, e.tensor_proto.float_val[0]] for e in events]
        runs[run] = found
    return runs


def served(folder):
    board = program.TensorBoard()
    board.configure(argv=[None, "--logdir", folder, "--host", "127.0.0.1", "--port", "0", "--load_fast", "false",
                          "--samples_per_plugin", "scalars=1000000,text=1000"])
    url = board.launch()

    def ask(path, **query):
        with urllib.request.urlopen(f"{url}data/plugin/{path}?{urllib.parse.urlencode(query)}", timeout=60) as reply:
            return json.load(reply)

    runs = {}
    for run, tags in ask("scalars/tags").items():
        runs.setdefault(run, {})["scalars"] = {
            tag: [[step, value] for _, step, value in ask("scalars/scalars", run=run, tag=tag)] for tag in tags}
    for run, tags in ask("text/tags").items():
        runs.setdefault(run, {})["text"] = {
            tag: [[each["step"], each["text"]] for each in ask("text/text", run=run, tag=tag)] for tag in tags}
    return runs


def steps(runs):
    return {(run, kind, tag): [event[0] for event in events]
            for run, found in runs.items() for kind in found for tag, events in found[kind].items()}


def main():
    folder = sys.argv[1]
    read, answered = accumulated(folder), served(folder)
    print(json.dumps(read, ensure_ascii=False))
    if steps(read) != steps(answered):
        print(f"the server has {steps(answered)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the server's threads would keep the process
