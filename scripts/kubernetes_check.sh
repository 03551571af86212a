#!/usr/bin/env bash
# Shows a whole study on a real control plane of Kubernetes: jobs side by side, a process, a pod and a node killed, the
# job that starts the others killed, the API server restarted, cancelled and retried, with the results of a study that ran
# undisturbed on this machine. Nodes are stand-ins (scripts/kubernetes_node.py): there are no containers.
#
# usage: scripts/kubernetes_check.sh [FOLDER]     FOLDER: for the studies, must not be there (default: a temporary one)
#
# Needs what scripts/kubernetes_server.sh needs, and some minutes. Exit status 1 with the first thing that is not as it
# should be.
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
source "$here/scripts/checks.sh"
server=$here/scripts/kubernetes_server.sh
why=$("$server" missing) || { echo "kubernetes_check: $why" >&2; exit 2; }
folder=${1:-$(mktemp -d)/check}
mkdir "$folder"
export PATH=$here:$PATH # a pod's dmt is this one
dmt() { "$here/dmt" "$@"; }

# Running pods, one in each line: its job, its name, its node
running() {
  kubectl get pods --field-selector=status.phase=Running -o \
    'jsonpath={range .items[*]}{.metadata.labels.job-name} {.metadata.name} {.spec.nodeName}{"\n"}{end}'
}
tasks() { running | grep -v '^report-' || true; }
report_pod() { running | awk '/^report-/ { print $2; exit }'; }
has_report() { [[ -n $(report_pod) ]]; }
on_both_nodes() { [[ $(tasks | cut -d' ' -f3 | sort -u | wc -l) -eq 2 ]]; }
task_on() { tasks | awk -v node="$1" '$3 == node { print $1; exit }'; }
has_task_on() { [[ -n $(task_on "$1") ]]; }
has_task() { [[ -n $(tasks) ]]; }
pods_of() { kubectl get pods -l job-name="$1" --no-headers -o custom-columns=N:.metadata.name,S:.status.phase,O:.spec.nodeName; }
has_pods() { [[ $(pods_of "$1" | wc -l) -ge $2 ]]; }
active() {
  kubectl get jobs -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[*].type}{"\n"}{end}' |
    awk 'NF == 1 { print $1 }'
}
is_over() { ! dmt study status "$study" | grep -qE '^(running|queued|pending)'; }

say "a study on this machine"
dmt study strategies "${small[@]}" --output "$folder/local" --jobs 1 | tail -n 1

"$server" up >/dev/null
trap '"$server" down' EXIT
export KUBECONFIG=${DMT_KUBERNETES_DIR:-/tmp/dmt-kubernetes}/kubeconfig
say "$(kubectl version 2>/dev/null | tr '\n' ';') $(kubectl get nodes --no-headers | tr -s ' ' | tr '\n' ';')"
kubectl apply -k "$here/scripts/kubernetes/study"
kubectl apply --dry-run=server -k "$here/scripts/kubernetes/study" | sed 's/^/checked by the server: /'
dmt study template kubernetes | sed "s|mountPath: /shared|mountPath: $folder|" >"$folder/site.yaml"
there=(--executor kubernetes --job-template "$folder/site.yaml")

study=$folder/kubernetes
dmt study strategies "${small[@]}" --output "$study" "${there[@]}" | tail -n 1
say "the submitting process is over"
until_true 120 "jobs on both nodes at once" on_both_nodes
say "side by side: $(tasks | tr '\n' ';')"

until_true 120 "a stage with its first checkpoint" kill_begun_stage
job=$(sed -n "/\"task\" : \"$key\"/,/}/s/.*\"job\" : \"\([^\"]*\)\".*/\1/p" "$study/jobs/jobs.json")
until_true 120 "a second pod of $job after kill -9 of its process" has_pods "$job" 2
say "kill -9 of the process of job $job: $(pods_of "$job" | tr -s ' ' | tr '\n' ';')"

until_true 120 "a running job" has_task
read -r job pod _ <<<"$(tasks | head -n 1)"
kubectl delete pod "$pod" --wait=false
until_true 120 "another pod of $job after its pod was deleted" bash -c "kubectl get pods -l job-name=$job -o name | grep -v /$pod"
say "deleted a pod of job $job, as preemption does: $(pods_of "$job" | tr -s ' ' | tr '\n' ';')"

dmt study strategies "${small[@]}" --output "$study" "${there[@]}" | tail -n 1 # a second person starts the same

# The first tasks may have filled the nodes before it came.
until_true 300 "the pod that starts the others" has_report
report=$(report_pod)
kubectl delete pod "$report" --grace-period=1 --wait=false
"$server" restart
say "ended the pod that starts the others, and the API server: $(kubectl get --raw /readyz)"

until_true 120 "a job on node1" has_task_on node1
job=$(task_on node1)
"$server" kill node1
say "node1 is dead, with job $job"
until_true 120 "another pod of job $job after its node was lost" has_pods "$job" 2
say "job $job: $(pods_of "$job" | tr -s ' ' | tr '\n' ';') $(kubectl get nodes --no-headers | tr -s ' ' | tr '\n' ';')"
dmt study status "$study" | tail -n 1
"$server" start node1

until_true 600 "the end of all jobs" is_over
dmt study status "$study"
grep -h "went on after step" "$study"/jobs/*.log || die "a stage that went on from its checkpoint"
cmp "$folder/local/results.json" "$study/results.json" || die "equal results"
say "results.json of both studies: the same bytes"
kubectl delete configmap -l dmt.ai/study
until_true 60 "no job once the study's object is deleted" test -z "$(sleep 5; active)"
say "the study's object is deleted, and its jobs with it"

study=$folder/cancelled
few=(--only "sequential seed 11")
dmt study strategies "${small[@]}" "${few[@]}" --output "$study" "${there[@]}" | tail -n 1
until_true 60 "a running job" has_task
dmt study cancel "$study"
until_true 60 "no job after cancel" is_over
dmt study status "$study" | tail -n 1
dmt study retry "$study"
until_true 300 "the end of all jobs" is_over
dmt study status "$study" | tail -n 1
dmt study strategies "${small[@]}" "${few[@]}" --output "$folder/few" --jobs 1 | tail -n 1
cmp "$folder/few/results.json" "$study/results.json" || die "equal results after cancel and retry"
say "cancelled and retried: the same bytes again"

sed 's/serviceAccountName: dmt/serviceAccountNaem: dmt/' "$folder/site.yaml" >"$folder/misspelt.yaml"
if dmt study strategies "${small[@]}" "${few[@]}" --output "$folder/refused" --executor kubernetes \
  --job-template "$folder/misspelt.yaml" 2>"$folder/refusal"; then
  die "a refusal"
fi
say "a template with a field that is none: $(cat "$folder/refusal")"
