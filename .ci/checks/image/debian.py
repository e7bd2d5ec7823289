"""A Debian 12 root in which the final stage's steps have run, with the program in it, entered as the image would be."""

import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import subprocess

from dockerfile import BUILD, FINAL, ROOT, copies, environment

MIRROR = "http://deb.debian.org/debian"
SOURCES = [f"deb {MIRROR} bookworm main", f"deb {MIRROR}-security bookworm-security main"]
SHELLS = ["sh", "dash", "bash", "rbash"]


def run(arguments, **options):
    done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{shlex.join(map(str, arguments))}: exit code {done.returncode}\n{done.stdout[-4000:]}"
    return done.stdout


def needed(program):
    """Names of the shared libraries that a program is linked with."""
    lines = run(["readelf", "--dynamic", "--wide", program]).splitlines()
    return [line.partition("[")[2].rstrip("]") for line in lines if "(NEEDED)" in line]


def is_swift_runtime(library):
    return library.startswith(("libswift", "lib_Foundation", "libFoundation", "libdispatch", "libBlocksRuntime", "lib_Internals"))


def swift_runtime(program):
    """Where the Swift runtime of a program stands that was not built with --static-swift-stdlib."""
    for line in run(["ldd", program]).splitlines():
        name, _, rest = line.strip().partition(" => ")
        if is_swift_runtime(name) and rest.startswith("/"):
            return pathlib.Path(rest.split()[0]).parent
    return None


class DebianRoot:
    def __init__(self, path: pathlib.Path):
        self.path = path
        # Lent by this machine to a program that the image's own build would have linked with it.
        self.lent = None
        for attempt in range(3):
            shutil.rmtree(path, ignore_errors=True)
            done = subprocess.run(
                ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", "bookworm", str(path), *SOURCES],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            )  # fmt: skip
            if done.returncode == 0:
                break
        assert done.returncode == 0, done.stdout[-4000:]
        shutil.copy("/etc/resolv.conf", path / "etc/resolv.conf")

    def shell(self, step, folder="/"):
        """Runs a RUN step as the engine would: as root, with /bin/sh."""
        words = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"]
        return run(["unshare", f"--root={self.path}", f"--wd={folder}", "--", *words, "/bin/sh", "-c", step], timeout=900)

    def build(self, products: pathlib.Path):
        """The build stage around the compiler: its packages can be had, and its last step stages what was built."""
        for step in BUILD.values("RUN"):
            if "apt-get" in step:
                self.shell(step.replace("apt-get install", "apt-get install --simulate"))
        folder = BUILD.last("WORKDIR")
        (self.path / folder.lstrip("/") / ".build").mkdir(parents=True)
        shutil.copytree(products, self.path / folder.lstrip("/") / ".build/x86_64-unknown-linux-gnu/release", symlinks=True)
        # SwiftPM's own layout: `release` is a link into the folder of the platform.
        (self.path / folder.lstrip("/") / ".build/release").symlink_to("x86_64-unknown-linux-gnu/release")
        self.shell(next(step for step in BUILD.values("RUN") if "/staged" in step), folder)

    def finish(self):
        """The final stage, step by step."""
        for instruction, value in FINAL.steps:
            if instruction == "RUN":
                self.shell(value)
            elif instruction == "WORKDIR":
                (self.path / value.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif instruction == "COPY":
                source, target = [word for word in value.split() if not word.startswith("--")]
                shutil.copytree(self.path / source.strip("/"), self.path / target.strip("/"))
        shutil.rmtree(self.path / "staged")
        shutil.rmtree(self.path / BUILD.last("WORKDIR").lstrip("/"))
        # Whatever starts from here on starts without a shell.
        for shell in SHELLS:
            (self.path / "usr/bin" / shell).unlink(missing_ok=True)

    def libraries(self):
        lines = run(["unshare", f"--root={self.path}", "--", "/sbin/ldconfig", "--print-cache"]).splitlines()
        return {line.split()[0] for line in lines if "=>" in line}

    def lend(self, folder: pathlib.Path):
        (self.path / str(folder).lstrip("/")).mkdir(parents=True, exist_ok=True)
        self.lent = folder

    def command(self, arguments):
        """Enters a read-only root with a writable /tmp, as the image's user, in its folder, with its variables only."""
        user, _, group = FINAL.last("USER").partition(":")
        root = shlex.quote(str(self.path))
        mounts = [
            f"mount --bind {root} {root}",
            f"mount --options remount,ro,bind {root}",
            f"mount --types tmpfs tmpfs {root}/tmp",
            f"mount --types proc proc {root}/proc",
            f"mount --rbind /dev {root}/dev",
        ]
        if self.lent:
            mounts.insert(1, f"mount --bind {shlex.quote(str(self.lent))} {shlex.quote(str(self.path) + str(self.lent))}")
        variables = [f"{name}={value}" for name, value in environment(FINAL).items()]
        enter = [
            "unshare", f"--root={self.path}", f"--wd={FINAL.last('WORKDIR')}", f"--setgid={group}", f"--setuid={user}", "--",
            "env", "-i", *variables, *arguments,
        ]  # fmt: skip
        return ["unshare", "--mount", "sh", "-c", " && ".join([*mounts, "exec " + shlex.join(enter)])]

    def enter(self, arguments, timeout=300):
        return subprocess.run(
            self.command(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout
        )

    @contextlib.contextmanager
    def started(self, arguments):
        process = subprocess.Popen(
            self.command(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()


def compiled(folder: pathlib.Path):
    """Runs the build stage's commands here, on a copy of the build context; answers the folder of the products."""
    assert not [part for part in folder.parts if part == ".build"]
    for sources, target in copies(BUILD):
        for source in sources:
            path = ROOT / source
            if path.is_dir():
                shutil.copytree(path, folder / target, symlinks=True)
            else:
                (folder / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(path, folder / target)
    for step in BUILD.values("RUN"):
        if step.startswith("swift "):
            run(["/bin/sh", "-c", step], cwd=folder)
    return products(folder / ".build/release", folder.parent / "products")


def products(source: pathlib.Path, target: pathlib.Path):
    """The program and its resource bundles, and a file beside them that must not be staged."""
    target.mkdir()
    names = ["bulkhead", *(path.name for path in source.glob("*.resources"))]
    for name in names:
        path = source / name
        (shutil.copytree if path.is_dir() else shutil.copy)(path, target / name)
    (target / "bulkhead.product").mkdir()
    if len(names) == 1:
        (target / "bulkhead_Sample.resources").mkdir()
        (target / "bulkhead_Sample.resources/sample").write_text("sample")
    return target


def program():
    given = os.environ.get("BULKHEAD_BIN")
    return pathlib.Path(given) if given else None
