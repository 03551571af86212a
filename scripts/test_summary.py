"""Prints one table of all tests that ./dmt test ran, from the reports of surefire and GoogleTest.

usage: test_summary.py ROOT BUILD_FOLDER      such as . target

The last line is "N passed, N failed, N skipped". The exit code is 1 if a test failed, or if no Java test or
no C++ test ran at all.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

LABELS = ("native", "multirank", "slow", "gpu-path")
DETAIL_LINES = 12  # of a failure, from its beginning and again from its end
PROCESS = "(test process)"  # stands for a failed test where a whole process failed


class Group:
    """The tests of one Java module, or of one label of the C++ tests."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.passed, self.failed, self.skipped = 0, [], []

    def add_failure(self, test, message):
        self.failed.append((test, message))


def first_line(text):
    lines = [line.strip() for line in (text or "").splitlines() if line.strip()]
    # JUnit wraps the reason of an assumption.
    return re.sub(r"^(\S+TestAbortedException: )?(Assumption failed: )?(skipped: )?", "", lines[0]) if lines \
        else "no reason given"


def detail(text):
    """What a failure says after its first line, without stack frames; the middle of a long one is left out."""
    lines = [line.rstrip()[:300] for line in (text or "").splitlines() if line.strip()][1:]
    lines = [line for line in lines if not re.match(r"\s+(at |\.\.\. \d+ more)", line)]
    if len(lines) > 2 * DETAIL_LINES:
        left_out = len(lines) - 2 * DETAIL_LINES
        lines = lines[:DETAIL_LINES] + [f"... {left_out} lines ..."] + lines[-DETAIL_LINES:]
    return "".join(f"\n    {line}" for line in lines)


def java_group(module, folder):
    group = Group("Java", module.name)
    for file in sorted(module.glob(f"{folder}/surefire-reports/TEST-*.xml")):
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            name = f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"
            problem = case.find("failure")
            if problem is None:
                problem = case.find("error")
            skipped = case.find("skipped")
            if problem is not None:
                said = problem.get("message") or problem.text
                group.add_failure(name, first_line(said) + detail(said))
            elif skipped is not None:
                group.skipped.append((name, first_line(skipped.get("message") or skipped.text)))
            else:
                group.passed += 1
    # A virtual machine that died leaves no report of what it was doing.
    for dump in module.glob(f"{folder}/surefire-reports/*.dumpstream"):
        if "The forked VM terminated" in dump.read_text(encoding="utf-8", errors="replace"):
            group.add_failure(PROCESS, f"died; see {dump}")
    return group


def cpp_group(build, label):
    group = Group("C++", label)
    file = build / "ctest" / f"{label}.xml"
    if not file.exists():
        group.add_failure(PROCESS, f"left no {file.name}: it crashed or was not built")
        return group
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        if case.get("status") == "notrun":
            continue
        failure, skipped = case.find("failure"), case.find("skipped")
        if failure is not None:
            said = failure.get("message") or ""
            group.add_failure(name, first_line(said) + detail(said))
        elif skipped is not None:
            lines = (skipped.get("message") or skipped.text or "").splitlines()
            # The first line is the place in the source.
            group.skipped.append((name, first_line("\n".join(lines[1:]) or "\n".join(lines))))
        else:
            group.passed += 1
    return group


def main():
    root, folder = pathlib.Path(sys.argv[1]), sys.argv[2]
    groups = [java_group(module, folder) for module in sorted(root.iterdir()) if (module / "pom.xml").exists()]
    build = root / "native" / folder / "cmake"
    labels = LABELS + (("gpu",) if (build / "cuda_kernel_tests").exists() else ())
    groups += [cpp_group(build, label) for label in labels]

    print(f"{'':4}  {'tests':<12}{'passed':>8}{'failed':>8}{'skipped':>9}")
    for group in groups:
        print(f"{group.kind:4}  {group.name:<12}{group.passed:>8}{len(group.failed):>8}{len(group.skipped):>9}")
    for word in ("failed", "skipped"):
        for group in groups:
            for test, reason in getattr(group, word):
                print(f"{word}: {group.kind} {group.name}: {test}: {reason}")

    failed = sum(len(group.failed) for group in groups)
    for kind in ("Java", "C++"):
        ran = sum(g.passed + sum(test != PROCESS for test, _ in g.failed) for g in groups if g.kind == kind)
        print(f"{ran} {kind} tests ran")
        if ran == 0:
            failed += 1
            print(f"failed: {kind}: no test ran")
    print(f"{sum(g.passed for g in groups)} passed, {failed} failed, {sum(len(g.skipped) for g in groups)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
