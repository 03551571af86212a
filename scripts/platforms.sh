#!/usr/bin/env bash
# Runs README's library example as a program of its own, beside each version of Jackson and on each JDK.
#
# usage: scripts/platforms.sh [--jackson VERSION]... [--jdk FOLDER]...
#
#   --jackson VERSION  beside this one (default: 2.15.4, 2.18.4 and 2.22.1)
#   --jdk FOLDER       on this JDK (default: of those in /usr/lib/jvm one for each version from 17 on)
#
# Builds the library modules, puts them into a repository under target/platforms, and takes them from there into a
# project that names them and Jackson's BOM, as an application does. For each Jackson all that comes along must agree on
# one version of each artifact (Maven's enforcer), no SLF4J binding may be among it, and the libraries' sources must
# compile against it; for each JDK beside it the example is compiled and run: it must learn its answer. Prints a table.
# Exit code: 0 all passed, 1 one did not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jacksons=() jdks=()
while [[ $# -gt 0 ]]; do
  case $1 in
    --jackson) jacksons+=("$2"); shift 2 ;;
    --jdk) jdks+=("$2"); shift 2 ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
[[ ${#jacksons[@]} -gt 0 ]] || jacksons=(2.15.4 2.18.4 2.22.1)
# version_of <JDK>: such as 17.0.15
version_of() { sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$1/release"; }
if [[ ${#jdks[@]} -eq 0 ]]; then
  declare -A seen=()
  for jdk in /usr/lib/jvm/*; do
    [[ -x $jdk/bin/javac && -r $jdk/release ]] || continue
    version=$(version_of "$jdk")
    [[ ${version%%.*} -ge 17 && -z ${seen[${version%%.*}]:-} ]] || continue
    seen[${version%%.*}]=1
    jdks+=("$jdk")
  done
fi

work=$PWD/target/platforms
repository=$work/m2 # what Maven has here, without what it has of ours
log=$work/log
mkdir -p "$work"
: >"$log"
maven() { "${DMT_MVN:-$PWD/mvnw}" -B -ntp -q "$@" >>"$log" 2>&1; }
say() { printf 'platforms: %s\n' "$*" >&2; }

libraries=(java-api strategies evaluators)
say "building ${libraries[*]} (log: target/platforms/log)"
rm -rf "$repository"
local=${MAVEN_REPOSITORY:-$HOME/.m2/repository}
mkdir -p "$local"
cp -al "$local" "$repository" 2>/dev/null || cp -a "$local" "$repository"
rm -rf "$repository/ai/dmt"
modules=${libraries[*]}
maven -pl ".,native,${modules// /,}" -DskipTests install "-Dmaven.repo.local=$repository"

# --- the application: a model that knows nothing, data, and README's program ----------------------------------------

application=$work/application
rm -rf "$application"
mkdir -p "$application/model"
sed -n '/^```java$/,/^```$/p' README.md | sed '/^```/d' >"$application/FineTuneExample.java"
cat >"$application/MakeModel.java" <<'JAVA'
import ai.dmt.engine.*;
import java.nio.file.Path;

class MakeModel {
  public static void main(String[] args) throws Exception {
    ModelConfig shape = ModelConfig.llama(258, 64, 128, 2, 4, 4, 256);
    try (NativeEngine engine = NativeEngine.create(shape, 1, EngineConfig.inference())) {
      engine.save(Path.of(args[0]), DType.FLOAT32);
    }
  }
}
JAVA
python3 - "$application" <<'PYTHON'
import json, sys
folder = sys.argv[1]
printable = lambda b: 33 <= b <= 126 or 161 <= b and b != 173
others = iter(range(256, 512))
vocab = {chr(b if printable(b) else next(others)): b for b in range(256)}
control = [{"id": i, "content": c, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
            "special": True} for i, c in ((256, "<s>"), (257, "</s>"))]
level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
with open(folder + "/tokenizer.json", "w", encoding="utf-8") as file:
    json.dump({"version": "1.0", "added_tokens": control, "pre_tokenizer": level, "decoder": level,
               "model": {"type": "BPE", "vocab": vocab, "merges": []}}, file)
with open(folder + "/data.jsonl", "w", encoding="utf-8") as file:
    file.write('{"question": "What is 2+2?", "answer": "It is 4."}\n' * 160)
PYTHON

# class_path <Jackson's version>: that of the application, or why there is none
class_path() {
  local project=$work/jackson-$1 version
  version=$(sed -n 's|^  <version>\(.*\)</version>|\1|p' pom.xml | head -n 1)
  mkdir -p "$project"
  cat >"$project/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId><artifactId>application</artifactId><version>1</version>
  <dependencyManagement><dependencies><dependency>
    <groupId>com.fasterxml.jackson</groupId><artifactId>jackson-bom</artifactId><version>$1</version>
    <type>pom</type><scope>import</scope>
  </dependency></dependencies></dependencyManagement>
  <dependencies>
$(printf '    <dependency><groupId>ai.dmt</groupId><artifactId>dmt-%s</artifactId><version>'"$version"'</version></dependency>\n' "${libraries[@]}")
  </dependencies>
  <build><plugins><plugin>
    <artifactId>maven-enforcer-plugin</artifactId><version>3.6.3</version>
    <configuration><rules><dependencyConvergence/></rules></configuration>
  </plugin></plugins></build>
</project>
POM
  maven -f "$project/pom.xml" "-Dmaven.repo.local=$repository" enforcer:enforce ||
    { echo "versions that come along disagree"; return 1; }
  maven -f "$project/pom.xml" "-Dmaven.repo.local=$repository" \
    org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath "-Dmdep.outputFile=$project/class_path" ||
    { echo "no class path"; return 1; }
  local jars; jars=$(tr : '\n' <"$project/class_path")
  [[ $(grep -c "jackson-\(core\|databind\|dataformat-yaml\)-$1\.jar" <<<"$jars") -eq 3 ]] ||
    { echo "Jackson is not $1 throughout"; return 1; }
  ! grep -E '/(slf4j-(nop|simple|jdk14|log4j12|reload4j)|logback-classic|log4j-[a-z0-9-]*)-[0-9]' <<<"$jars" ||
    { echo "an SLF4J binding came along"; return 1; }
}

# libraries_compile <Jackson's version>: whether their sources need no newer one
libraries_compile() {
  local sources
  mapfile -t sources < <(find "${libraries[@]/%//src/main/java}" -name '*.java')
  mkdir -p "$work/compiled"
  javac -nowarn -proc:none -d "$work/compiled" -cp "$(<"$work/jackson-$1/class_path")" "${sources[@]}" >>"$log" 2>&1
}

# example <JDK> <Jackson's version>: prints how it went
example() {
  local jdk=$1 version flags=() start=$SECONDS said
  version=$(version_of "$jdk")
  [[ ${version%%.*} -lt 22 ]] || flags=(--enable-native-access=ALL-UNNAMED)
  local run=$application/$2-${version%%.*}
  rm -rf "$run"
  mkdir -p "$run/model"
  local path; path=$run:$(<"$work/jackson-$2/class_path")
  "$jdk/bin/javac" -nowarn -proc:none -d "$run" -cp "$path" "$application"/*.java >>"$log" 2>&1 ||
    { echo "does not compile"; return 1; }
  "$jdk/bin/java" "${flags[@]}" -cp "$path" MakeModel "$run/model" >>"$log" 2>&1 || { echo "no model"; return 1; }
  cp "$application/tokenizer.json" "$run/model/"
  said=$("$jdk/bin/java" "${flags[@]}" -cp "$path" FineTuneExample "$run/model" "$application/data.jsonl" \
    "$run/tuned" 2>>"$log") || { echo "ends with a fault"; return 1; }
  [[ $said == *"It is 4."* ]] || { echo "learnt \"$said\""; return 1; }
  echo "ok, $((SECONDS - start)) s"
}

status=0
printf '%-10s  %-12s  %s\n' Jackson JDK 'README example'
for jackson in "${jacksons[@]}"; do
  if ! fault=$(class_path "$jackson"); then
    printf '%-10s  %-12s  FAIL: %s\n' "$jackson" - "$fault"
    status=1
    continue
  fi
  libraries_compile "$jackson" || { printf '%-10s  %-12s  FAIL: sources need a newer one\n' "$jackson" -; status=1; }
  for jdk in "${jdks[@]}"; do
    word=
    result=$(example "$jdk" "$jackson") || { status=1 word='FAIL: '; }
    printf '%-10s  %-12s  %s%s\n' "$jackson" "$(version_of "$jdk")" "$word" "$result"
  done
done
[[ $status -eq 0 ]] || say "see target/platforms/log"
exit $status
