#!/usr/bin/env python3
"""A stand-in for a node of Kubernetes, for tests: runs the commands of pods as processes of this machine.

usage: kubernetes_node.py NAME KUBECONFIG FOLDER CPUS MEMORY_MB

It does of a kubelet's work what a job's life needs: registers the node and says that it is ready, starts the command of
each pod that the scheduler has given to it, tells the API server how the pod is, sends SIGTERM and after the grace period
SIGKILL to one that is deleted or past its time, and deletes it. There are no containers: images, volumes and users of a
manifest are not looked at, paths are those of this machine, and one container is run of each pod. FOLDER takes what pods
say. KUBECONFIG is a file that scripts/kubernetes_server.sh wrote, in JSON.
"""
import base64
import datetime
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 1


class Api:
    """Asks the API server."""

    def __init__(self, kubeconfig):
        with open(kubeconfig, encoding="utf-8") as file:
            self.config = json.load(file)
        cluster = self.config["clusters"][0]["cluster"]
        self.server = cluster["server"]
        self.token = self.config["users"][0]["user"]["token"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self.tls = ssl.create_default_context(cadata=authority)

    def call(self, method, path, body=None, kind="application/json"):
        """The answer as a tree; None where nothing is there (404) or somebody was faster (409)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data=data, method=method)
        request.add_header("Authorization", "Bearer " + self.token)
        request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in (404, 409):
                return None
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error

    def merge(self, path, body):
        return self.call("PATCH", path, body, "application/merge-patch+json")


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def expand(text, known):
    """As Kubernetes does: $(NAME) of a variable that is known, and $$ for $."""
    def value(match):
        if match.group(0) == "$$":
            return "$"
        return known.get(match.group(1), match.group(0))
    return re.sub(r"\$\$|\$\(([^()]*)\)", value, text)


class Pod:
    """One pod's process."""

    def __init__(self, node, pod):
        self.node = node
        self.name = pod["metadata"]["name"]
        self.path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{self.name}"
        self.conditions = pod["status"].get("conditions", [])
        self.container = pod["spec"]["containers"][0]
        self.deadline = pod["spec"].get("activeDeadlineSeconds")
        self.grace = pod["spec"].get("terminationGracePeriodSeconds", 30)
        self.started = time.monotonic()
        self.kill_at = None
        self.deleted = False
        self.late = False
        self.over = False
        self.process = self.start(pod)

    def environment(self, pod):
        known = {}
        for source in self.container.get("envFrom", []):
            reference = source["secretRef"]
            secret = self.node.api.call("GET", self.path.replace("/pods/" + self.name, "/secrets/" + reference["name"]))
            for key, value in (secret or {}).get("data", {}).items():
                known[key] = base64.b64decode(value).decode()
        for each in self.container.get("env", []):
            known[each["name"]] = expand(each.get("value", ""), known)
        environment = {"PATH": os.environ["PATH"], "HOME": self.node.folder, "HOSTNAME": self.name, **known}
        token = self.token(pod)
        if token:
            environment["KUBECONFIG"] = token
        return environment, known

    def token(self, pod):
        """A file with what a pod of this service account is given; None where it wants none."""
        mounted = {mount["name"] for mount in self.container.get("volumeMounts", [])
                   if mount["mountPath"] == "/var/run/secrets/kubernetes.io/serviceaccount"}
        for volume in pod["spec"].get("volumes", []):
            if volume["name"] in mounted and "secret" in volume:
                name = volume["secret"]["secretName"]
                secret = self.node.api.call("GET", self.path.replace("/pods/" + self.name, "/secrets/" + name))
                config = json.loads(json.dumps(self.node.api.config))
                config["users"][0]["user"] = {"token": base64.b64decode(secret["data"]["token"]).decode()}
                config["contexts"][0]["context"]["namespace"] = pod["metadata"]["namespace"]
                file = os.path.join(self.node.folder, self.name + ".kubeconfig")
                with open(file, "w", encoding="utf-8") as out:
                    json.dump(config, out)
                return file
        return None

    def start(self, pod):
        environment, known = self.environment(pod)
        words = [expand(word, known) for word in self.container.get("command", []) + self.container.get("args", [])]
        with open(os.path.join(self.node.folder, self.name + ".log"), "wb") as log:
            try:
                process = subprocess.Popen(words, cwd=self.container.get("workingDir"), env=environment, stdout=log,
                                           stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                self.tell("Failed", {"terminated": {"exitCode": 128, "reason": "StartError", "message": str(error)}})
                self.over = True
                return None
        self.tell("Running", {"running": {"startedAt": now()}})
        return process

    def tell(self, phase, state, reason=None):
        ready = phase == "Running"
        status = {
            "phase": phase,
            "startTime": now(),
            "conditions": [each for each in self.conditions if each["type"] == "PodScheduled"]
            + [{"type": kind, "status": str(ready)} for kind in ("Initialized", "Ready", "ContainersReady")],
            "containerStatuses": [{
                "name": self.container["name"], "image": self.container.get("image", ""), "imageID": "", "restartCount": 0,
                "ready": ready, "started": ready, "state": state}],
        }
        if reason:
            status["reason"] = reason
        self.node.api.merge(self.path + "/status", {"status": status})

    def end(self, grace):
        """SIGTERM now, SIGKILL later: to the first process, as in a container."""
        if self.process and self.kill_at is None:
            self.kill_at = time.monotonic() + grace
            self.process.send_signal(signal.SIGTERM)

    def look(self, pod):
        if pod["metadata"].get("deletionTimestamp") and not self.deleted:
            self.deleted = True
            self.end(pod["metadata"].get("deletionGracePeriodSeconds", self.grace))
        if self.deadline and not self.over and time.monotonic() - self.started > self.deadline:
            self.late = True
            self.end(self.grace)
        self.step()

    def step(self):
        if self.process and not self.over:
            status = self.process.poll()
            if status is None:
                if self.kill_at is not None and time.monotonic() > self.kill_at:
                    self.kill()
                return
            self.kill()  # with the first process all others of a container end
            code = status if status >= 0 else 128 - status
            word = "Completed" if code == 0 else "Error"
            phase = "Succeeded" if code == 0 and not self.late else "Failed"
            self.tell(phase, {"terminated": {"exitCode": code, "reason": word, "finishedAt": now()}},
                      "DeadlineExceeded" if self.late else None)
            self.over = True
        if self.deleted:
            self.node.api.call("DELETE", self.path + "?gracePeriodSeconds=0")
            self.node.pods.pop(self.name, None)

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Node:
    """What a kubelet tells of its machine, and the pods on it."""

    def __init__(self, name, api, folder, cpus, memory):
        self.name = name
        self.api = api
        self.folder = folder
        self.pods = {}  # by name
        self.room = {"cpu": cpus, "memory": memory + "Mi", "pods": "110"}
        os.makedirs(folder, exist_ok=True)

    def register(self):
        self.api.call("POST", "/api/v1/nodes", {
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": self.name, "labels": {"kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux"}}})
        self.beat()

    def beat(self):
        conditions = [{"type": "Ready", "status": "True", "reason": "StandIn", "message": "pods are processes",
                       "lastHeartbeatTime": now(), "lastTransitionTime": now()}]
        conditions += [{"type": kind, "status": "False", "reason": "StandIn", "message": "not measured",
                        "lastHeartbeatTime": now(), "lastTransitionTime": now()}
                       for kind in ("MemoryPressure", "DiskPressure", "PIDPressure")]
        self.api.merge(f"/api/v1/nodes/{self.name}/status",
                       {"status": {"capacity": self.room, "allocatable": self.room, "conditions": conditions}})

    def look(self):
        selector = urllib.parse.quote("spec.nodeName=" + self.name)
        listed = self.api.call("GET", "/api/v1/pods?fieldSelector=" + selector)["items"]
        for pod in listed:
            name = pod["metadata"]["name"]
            phase = pod["status"].get("phase", "Pending")
            if name not in self.pods:
                if phase == "Pending" and not pod["metadata"].get("deletionTimestamp"):
                    self.pods[name] = Pod(self, pod)
                elif phase in ("Pending", "Running") or pod["metadata"].get("deletionTimestamp"):
                    self.lost(pod)
                continue
            self.pods[name].look(pod)
        there = {pod["metadata"]["name"] for pod in listed}
        for name in [name for name in self.pods if name not in there]:
            pod = self.pods.pop(name)  # deleted by force
            if pod.process and not pod.over:
                pod.kill()

    def lost(self, pod):
        """One that ran before this node was switched off."""
        path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"
        if pod["metadata"].get("deletionTimestamp"):
            self.api.call("DELETE", path + "?gracePeriodSeconds=0")
        else:
            self.api.merge(path + "/status", {"status": {"phase": "Failed", "reason": "NodeLost"}})

    def run(self):
        beaten = 0
        while True:
            try:
                if time.monotonic() - beaten > HEARTBEAT_SECONDS:
                    self.register() if not beaten else self.beat()
                    beaten = time.monotonic()
                self.look()
            except (OSError, RuntimeError) as error:
                print(now(), error, flush=True)  # a server that is restarted
            time.sleep(POLL_SECONDS)


def main():
    name, kubeconfig, folder, cpus, memory = sys.argv[1:]
    Node(name, Api(kubeconfig), folder, cpus, memory).run()


if __name__ == "__main__":
    main()
