#!/usr/bin/env python3
"""Tokens per second of `dmt serve` beside `transformers serve`, in turn on the same cores.

    scripts/compare_serve.py --model DIR [--clients 1,16] [--rounds 5] [--tokens 128] [--python python3]

Both answer the same greedy chat requests of one user's message, not streamed, in float32; a client sends its next request when
it has the answer to the last. DIR needs a chat_template that both read. --python is one whose transformers has
`transformers[serving]` and accelerate. Prints medians over the rounds, and how many answers of the two are the same.
"""
import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time

NAMES = ("Lily", "Tom", "Anna", "Ben", "Mia", "Sam", "Sue", "Max", "Amy", "Tim", "Lucy", "Jack", "Jane", "Bob", "Kim", "Leo")
# By itself its cache takes all memory that there is, on a CPU too.
BATCHING = ("--continuous-batching", "--cb-block-size", "32", "--cb-num-blocks", "512", "--cb-max-batch-tokens", "512",
            "--no-cb-use-cuda-graph")


def ask(port, model, prompt, tokens):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], "temperature": 0, "max_tokens": tokens}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise RuntimeError(f"status {response.status}: {text[:300]}")
    answer = json.loads(text)
    return answer["choices"][0]["message"]["content"], answer["usage"]["completion_tokens"]


def load(port, model, clients, requests, tokens):
    """Tokens per second, and the answers by prompt."""
    answers, counts, faults = {}, [], []

    def client(first):
        try:
            for i in range(requests):
                prompt = f"Once upon a time there was a child, {NAMES[(first + i) % len(NAMES)]}"
                text, count = ask(port, model, prompt, tokens)
                answers[prompt] = text
                counts.append(count)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=client, args=(c,)) for c in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.perf_counter() - began), answers


class Server:
    def __init__(self, name, model, port, command, environment):
        self.name, self.model, self.port = name, model, port
        log = open(f"{name.replace(' ', '-')}.log", "w")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **environment})

    def wait(self):
        for _ in range(240):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} has ended, see its .log here")
            try:
                ask(self.port, self.model, "Once", 2)
                return
            except (OSError, RuntimeError):
                time.sleep(0.5)
        sys.exit(f"{self.name} does not answer")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--clients", default="1,16")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4, help="of each client in a round")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--peer-threads", default="2", help="OpenMP's, of the peer; where others compute beside, 1 is better")
    parser.add_argument("--dmt", default=os.path.join(os.path.dirname(__file__), "..", "dmt"))
    options = parser.parse_args()
    model = os.path.abspath(options.model)
    peer = [options.python, "-c", "import sys; from transformers.cli.transformers import main; sys.exit(main())", "serve", model,
            "--device", "cpu", "--dtype", "float32", "--host", "127.0.0.1", "--port"]
    environment = {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": options.peer_threads}
    servers = [
        Server("dmt serve", "m", 8071, [options.dmt, "serve", "--model", model, "--port", "8071", "--model-name", "m"], {}),
        Server("transformers serve", model, 8072, peer + ["8072"], environment),
        Server("transformers serve --continuous-batching", model, 8073, peer + ["8073", *BATCHING], environment),
    ]
    try:
        for server in servers:
            server.wait()
        for clients in map(int, options.clients.split(",")):
            rates, answers = {}, {}
            for _ in range(options.rounds):
                for server in servers:
                    rate, said = load(server.port, server.model, clients, options.requests, options.tokens)
                    rates.setdefault(server.name, []).append(rate)
                    answers[server.name] = said
            ours = answers[servers[0].name]
            for server in servers:
                same = sum(ours[prompt] == text for prompt, text in answers[server.name].items())
                values = rates[server.name]
                print(f"{clients:3} clients, {server.name}: {statistics.median(values):.0f} tokens/s"
                      f" ({min(values):.0f} to {max(values):.0f}), {same} of {len(ours)} answers are ours", flush=True)
    finally:
        for server in servers:
            server.process.terminate()
            server.process.wait()


if __name__ == "__main__":
    main()
