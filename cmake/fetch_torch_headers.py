"""Fetches libtorch's C++ headers from the PyTorch wheel of the same version.

The wheel is downloaded by pip, checked against a pinned checksum, and only torch/include is unpacked. The
result appears under its final name complete or not at all, and two builds that start at once do the work
once.
"""

import argparse
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def download(version, expected, folder):
    """Returns the path of the checked wheel; tries the sources in turn."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
           "--python-version", "3.11", "--platform", "manylinux_2_28_x86_64", "--dest", str(folder)]
    problems = []
    for extra in ([], ["--extra-index-url", CPU_INDEX]):
        result = subprocess.run(pip + extra + [f"torch=={version}+cpu"], stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True)
        wheels = sorted(pathlib.Path(folder).glob("torch-*.whl"))
        if result.returncode != 0 or not wheels:
            problems.append(result.stdout.strip())
            continue
        found = sha256(wheels[0])
        if found == expected:
            return wheels[0]
        problems.append(f"{wheels[0].name} has sha256 {found}, expected {expected}")
        wheels[0].unlink()
    sys.exit("torch headers: no good wheel of torch==%s+cpu:\n%s" % (version, "\n".join(problems)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", required=True)
    parser.add_argument("--sha256", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--wheel", type=pathlib.Path, help="take this file instead of downloading")
    args = parser.parse_args()

    args.output.parent.mkdir(parents=True, exist_ok=True)
    with open(str(args.output) + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # freed by the kernel even if this process is killed
        if (args.output / "include/ATen/ATen.h").exists():
            return
        with tempfile.TemporaryDirectory(dir=args.output.parent, prefix="torch-headers-") as temp:
            wheel = args.wheel or download(args.version, args.sha256, temp)
            if args.wheel and sha256(wheel) != args.sha256:
                sys.exit(f"{wheel} has sha256 {sha256(wheel)}, expected {args.sha256}")
            with zipfile.ZipFile(wheel) as archive:
                names = [n for n in archive.namelist() if n.startswith("torch/include/")]
                archive.extractall(temp, names)
            shutil.rmtree(args.output, ignore_errors=True)
            os.rename(os.path.join(temp, "torch"), args.output)


if __name__ == "__main__":
    main()
