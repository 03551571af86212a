#!/usr/bin/env bash
# Installs the modules that are built here into an empty repository, and builds and runs each program of samples/ from it.
#
# usage: scripts/samples.sh [--data DIR] [--empty] [--gpu-libraries] [SAMPLE...]
#
#   --data DIR       math_train.jsonl, code_train.jsonl, general_train.jsonl and math_test.jsonl, as dmt world writes them
#                    (default: ./dmt world writes them)
#   --empty          nothing from this machine's Maven repository: "mvnw install" fills an empty one from Maven Central (0.3 GB)
#   --gpu-libraries  for gpu, libtorch for GPUs and CUDA's libraries, too: 0.8 GB to download unless they are there, 1.5 to unpack
#   SAMPLE           console, mixture, service, modules or gpu (default: all)
#
# The programs start from the bundled world's model. Needs what ./dmt has built, and curl. Other people's artifacts are taken from
# this machine's Maven repository, or from Maven Central. Exit code: 0 all did what they say, 1 one did not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'samples: %s\n' "$*" >&2; }
wrong() { say "$*; see scripts/samples.sh --help"; exit 2; }
data='' empty=0 gpu_libraries=0 samples=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --data)
      [[ $# -ge 2 && -f $2/math_train.jsonl ]] || wrong "--data needs a folder with math_train.jsonl, not \"${2:-}\""
      data=$2
      shift 2 ;;
    --empty) empty=1; shift ;;
    --gpu-libraries) gpu_libraries=1; shift ;;
    console | mixture | service | modules | gpu) samples+=("$1"); shift ;;
    *) wrong "there is no sample $1" ;;
  esac
done
[[ ${#samples[@]} -gt 0 ]] || samples=(console mixture service modules gpu)

work=$PWD/target/samples
repository=$work/m2
log=$work/log
rm -rf "$work"
mkdir -p "$work"
version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -n 1)

# --- the repository: other people's artifacts, and of ours those that were just built -------------------------------

# A download that breaks off says nothing about a program: Maven is asked again, twice at most.
maven() {
  local try said=$work/maven_said
  for try in 1 2 3; do
    if MAVEN_OPTS="-XX:TieredStopAtLevel=1 ${MAVEN_OPTS:-}" "${DMT_MVN:-$PWD/mvnw}" -B -ntp -q -U "-Dmaven.repo.local=$repository" "$@" >"$said" 2>&1; then
      cat "$said" >>"$log"
      return 0
    fi
    cat "$said" >>"$log"
    grep -q 'Could not transfer' "$said" || return 1
    say "a download failed (try $try of 3): $(grep -m 1 'Could not transfer' "$said" | cut -c 1-300)"
  done
  return 1
}

local_repository=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
# install <artifact> <pom> [<jar>...]
install() {
  local folder=$repository/ai/dmt/$1/$version
  mkdir -p "$folder"
  cp "$2" "$folder/$1-$version.pom"
  [[ $# -eq 2 ]] || cp "${@:3}" "$folder/"
}
install_what_is_built() {
  mkdir -p "$local_repository" "$repository"
  cp -al "$local_repository/." "$repository" 2>/dev/null || cp -a "$local_repository/." "$repository"
  rm -rf "$repository/ai/dmt"
  install dmt-bom pom.xml
  local module jar existing
  for module in native java-api strategies evaluators; do
    existing=()
    for jar in "$module/target/dmt-$module-$version"{,-linux-x86_64,-linux-x86_64-gpu}.jar; do
      [[ ! -f $jar ]] || existing+=("$jar")
    done
    [[ ${#existing[@]} -gt 0 ]] || { say "$module is not built yet; run ./dmt --help"; exit 1; }
    install "dmt-$module" "$module/pom.xml" "${existing[@]}"
  done
}
if [[ $empty -eq 1 ]]; then
  say "installing into an empty repository"
  maven install -DskipTests || { say "mvnw install failed, see target/samples/log"; exit 1; }
else
  install_what_is_built
fi

# --- data -------------------------------------------------------------------------------------------------------------

if [[ ${samples[*]} != gpu ]]; then # which only asks
  if [[ -z $data ]]; then
    data=$work/world
    ./dmt world --output "$data" --scale 0.0025 >>"$log" 2>&1
  fi
  for name in math code general; do
    head -n 96 "$data/${name}_train.jsonl" >"$work/$name.jsonl"
  done
fi
model=$PWD/studies/src/main/resources/ai/dmt/world/base
question='Ann has 3 pens and buys 4 more. How many pens does Ann have?'

# --- the programs -------------------------------------------------------------------------------------------------

# package <pom> [<words of Maven>...]: compiles, and writes class paths to files of that name beside the poms
package() {
  maven -f "$1" "${@:2}" package org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath \
    -Dmdep.outputFile=class_path -Dmdep.includeScope=runtime
}

# build <sample> [<words of Maven>...]
build() {
  cp -a "samples/$1" "$work"
  package "$work/$1/pom.xml" "${@:2}"
}

# build_together <sample>...: in one run of Maven, whose start takes longer than most of them; one that fails has no class path
build_together() {
  local sample
  for sample in "$@"; do cp -a "samples/$sample" "$work"; done
  {
    echo '<project><modelVersion>4.0.0</modelVersion><groupId>samples</groupId><artifactId>all</artifactId><version>1</version>'
    echo '<packaging>pom</packaging><modules>'
    printf '<module>%s</module>\n' "$@"
    echo '</modules></project>'
  } >"$work/pom.xml"
  package "$work/pom.xml" --fail-at-end
}

java_home=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')
major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$java_home/release")
# They live for seconds, in which the quick compiler is the better one, as it is for Maven.
flags=(-Xmx1g -XX:TieredStopAtLevel=1 -Dorg.bytedeco.javacpp.maxPhysicalBytes=0)
# native_access <modules>: from JDK 22 on, who loads native libraries is named
native_access() { [[ $major -lt 22 ]] || printf -- '--enable-native-access=%s' "$1"; }

# expect <file> <pattern>...: lines that a program must have printed
expect() {
  local file=$1 pattern
  shift
  for pattern in "$@"; do
    grep -qE "$pattern" "$file" || { say "no line \"$pattern\" in $file"; cat "$file" >>"$log"; return 1; }
  done
}

run_console() {
  # shellcheck disable=SC2046 # nothing where it is empty
  "$java_home/bin/java" "${flags[@]}" $(native_access ALL-UNNAMED) \
    -cp "$work/console/target/classes:$(<"$work/console/class_path")" Console \
    "$model" "$work/math.jsonl" "$work/console/out" "$question" >"$work/console/said" 2>>"$log" || return 1
  expect "$work/console/said" '^stopped after step ([5-9]|1[0-9])$' '^24 of 24 steps$' '^answer: .'
}

run_mixture() {
  # shellcheck disable=SC2046
  "$java_home/bin/java" "${flags[@]}" $(native_access ALL-UNNAMED) \
    -cp "$work/mixture/target/classes:$(<"$work/mixture/class_path")" Mixture "$model" \
    "$work/math.jsonl" "$work/code.jsonl" "$work/general.jsonl" "$data/math_test.jsonl" "$work/mixture/out" \
    >"$work/mixture/said" 2>>"$log" || return 1
  expect "$work/mixture/said" '^stage specialized ends at step 9$' '^  code: loss [0-9.]+$' '^general: chat ' \
    '^held-out loss [0-9.]+$' '^gsm8k accuracy, openai +tuned '
}

run_modules() {
  local classes=$work/modules/target/classes path runtime=$work/modules/runtime
  path=$classes:$(<"$work/modules/class_path")
  split_path "$path"
  # shellcheck disable=SC2046
  "$java_home/bin/java" "${flags[@]}" $(native_access ALL-UNNAMED) -p "$module_path" -cp "$class_path" \
    -m sample/sample.Modules "$model" "$work/math.jsonl" "$work/general.jsonl" \
    "$work/modules/out" "$question" \
    >"$work/modules/said" 2>>"$log" || return 1
  expect "$work/modules/said" '^finished: true$' '^answer: .' '^modules: sample, ai.dmt.api$' || return 1
  "$java_home/bin/jlink" --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.unsupported,jdk.zipfs \
    --strip-debug --no-header-files --no-man-pages --output "$runtime" >>"$log" 2>&1 || return 1
  "$runtime/bin/java" "${flags[@]}" -p "$module_path" -cp "$class_path" \
    -m sample/sample.Modules "$model" "$work/math.jsonl" "$work/general.jsonl" "$work/modules/out2" "$question" >"$work/modules/said2" 2>>"$log" || return 1
  cmp "$work/modules/out/model.safetensors" "$work/modules/out2/model.safetensors" >>"$log"
}

# dmt's modules have no descriptors, so that they can read the class path, where what they use lies: Parquet's jars
# share packages, which modules must not, and libtorch's asks for a module that nothing here needs.
split_path() {
  local jar
  module_path='' class_path=''
  IFS=: read -r -a jars <<<"$1"
  for jar in "${jars[@]}"; do
    case $jar in
      */ai/dmt/*-linux-x86_64.jar) class_path+=${class_path:+:}$jar ;; # libraries
      */ai/dmt/* | */target/classes) module_path+=${module_path:+:}$jar ;;
      *) class_path+=${class_path:+:}$jar ;;
    esac
  done
}

# The service is stopped in the middle of a run and goes on; its model is that of a run that nobody stopped.
run_service() {
  serve "$work/service/whole" || return 1
  post run >>"$log"
  until_state done || return 1
  curl -sf -X POST -H 'Content-Type: application/json' -d "{\"question\": \"$question\"}" \
    "http://127.0.0.1:$port/answer" >"$work/service/said" || return 1
  expect "$work/service/said" '"answer"' || return 1
  stop_service || return 1
  serve "$work/service/parts" || return 1
  post run >>"$log"
  until_step 10 || return 1
  stop_service || return 1
  [[ -d $work/service/parts/checkpoints ]] || { say "the stopped run left no checkpoint"; return 1; }
  serve "$work/service/parts" || return 1
  post run >>"$log"
  until_state done || return 1
  stop_service || return 1
  cmp "$work/service/whole/model.safetensors" "$work/service/parts/model.safetensors" >>"$log"
}

# serve <output folder>: starts the service on a port that is free
serve() {
  local said=$work/service/said_at_start
  : >"$said"
  # shellcheck disable=SC2046
  "$java_home/bin/java" "${flags[@]}" $(native_access ALL-UNNAMED) -jar "$work"/service/target/service-1.jar \
    --server.port=0 "--model=$model" "--data=$work/math.jsonl" "--output=$1" >"$said" 2>&1 &
  service=$!
  local try
  for try in {1..240}; do
    port=$(sed -n 's/.*Tomcat started on port \([0-9]*\).*/\1/p' "$said")
    [[ -z $port ]] || ! state >/dev/null 2>&1 || return 0
    kill -0 $service 2>/dev/null || break
    sleep 0.5
  done
  say "the service did not start after $try looks: $(tail -n 3 "$said")"
  return 1
}

stop_service() {
  kill -TERM $service
  local status=0
  wait $service || status=$?
  service=
  cat "$work/service/said_at_start" >>"$log"
  [[ $status -eq 143 || $status -eq 0 ]] || { say "the service ended with $status: $(tail -n 3 "$log")"; return 1; }
}

post() { curl -sf -X POST "http://127.0.0.1:$port/$1"; }
state() { curl -sf "http://127.0.0.1:$port/run"; }

until_state() {
  local try said=
  for try in {1..600}; do
    said=$(state)
    [[ $said != *"\"state\":\"$1\""* ]] || return 0
    [[ $said != *failed* ]] || break
    sleep 0.3
  done
  say "after $try looks the run is not $1: $said"
  return 1
}

until_step() {
  local try said=
  for try in {1..2000}; do
    said=$(state)
    said=${said#*\"step\":}
    [[ ${said%%,*} -lt $1 ]] || return 0
    sleep 0.05
  done
  say "after $try looks the run is not at step $1: $said"
  return 1
}

# shellcheck source=scripts/samples_gpu.sh
source scripts/samples_gpu.sh

service=
trap '[[ -z $service ]] || kill -KILL $service' EXIT
failed=0
mapfile -t built < <(printf '%s\n' "${samples[@]}" | grep -v -x gpu)
[[ ${#built[@]} -eq 0 ]] || build_together "${built[@]}" || say "not all were built, see target/samples/log"
for sample in "${samples[@]}"; do
  start=$SECONDS
  skipped=
  if [[ $sample == gpu || -s $work/$sample/class_path ]] && "run_$sample"; then
    [[ -z $skipped ]] || { echo "$sample: skipped, $skipped"; continue; }
    echo "$sample: ok, $((SECONDS - start)) s"
  else
    echo "$sample: failed, see target/samples/log, which ends with"
    tail -n 10 "$log"
    failed=1
  fi
done
exit $failed
