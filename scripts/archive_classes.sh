#!/usr/bin/env bash
# Writes an archive of the classes that the help and a short training load, for -XX:SharedArchiveFile, with which dmt starts
# sooner. Without one all works. ./dmt and the tests, which start hundreds of processes, each make theirs.
#
# usage: scripts/archive_classes.sh ARCHIVE NATIVE JARS FOLDERS JAVA [FLAG...]
#   ARCHIVE  file to write
#   NATIVE   folder of the native libraries
#   JARS     the class path, or its beginning: what is in it is archived
#   FOLDERS  the rest of the class path, which has no jars; may be empty
#   JAVA     the program, and flags about modules that it will run with: another version, or others, cannot use the archive
set -euo pipefail

[[ $# -ge 5 ]] || { sed -n '5,10s/^# //p' "$0" >&2; exit 2; }
archive=$(realpath "$1") native=$2 jars=$3 folders=$4
shift 4
java=("$@" -Xlog:disable -XX:+UseSerialGC)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dmt() { "${java[@]}" -XX:TieredStopAtLevel=1 "-Ddmt.native.path=$native" -cp "$jars${folders:+:$folders}" "$@"; }

cd "$work"
dmt ai.dmt.cli.Main world --output world --scale 0.001
cat >recipe.yaml <<'RECIPE'
model: world/base-0.3m
sources: {math: {role: specialized, files: [world/math_train.jsonl]}}
strategy: {name: multi-task}
data: {cutoff_len: 512}
training: {max_steps: 1, global_train_batch_size: 2}
engine: {device: cpu}
RECIPE
dmt -XX:DumpLoadedClassList=help ai.dmt.cli.Main --help >/dev/null
dmt -XX:DumpLoadedClassList=training ai.dmt.cli.Main train recipe.yaml --output run
# One list of both: without the numbers of each, what other class loaders than the application's loaded, and doubles.
sed '/ source: /d; s/ id: [0-9]*$//' help training | awk '!known[$0]++' >classes
"${java[@]}" -Xshare:dump -XX:SharedClassListFile=classes -XX:SharedArchiveFile=archive -cp "$jars"
mv archive "$archive.$$"
mv "$archive.$$" "$archive"
