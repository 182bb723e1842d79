"""The dev file: what it asks for, when it installs, what it says."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.processes import ROOT, environment


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file as a module, looking at an empty folder instead of the checkout."""
    loader = importlib.machinery.SourceFileLoader("dev", str(ROOT / "dev"))
    spec = importlib.util.spec_from_loader("dev", loader)
    assert spec is not None
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    (tmp_path / ".venv").mkdir()
    for name, value in {"ROOT": tmp_path, "REQUIREMENTS": tmp_path / "requirements", "VENV": tmp_path / ".venv"}.items():
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    return module


class Pip:
    """Stands in for subprocess.run: notes what was asked, answers as told."""

    def __init__(self, code: int = 0) -> None:
        self.code = code
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        self.calls.append(command)
        return subprocess.CompletedProcess(command, 0 if command[1] == "-c" else self.code, "", "")

    @property
    def installed(self) -> list[str]:
        return [Path(call[-1]).name for call in self.calls if "install" in call]


def write(dev: ModuleType, **locks: str) -> None:
    for group, text in locks.items():
        (dev.REQUIREMENTS / f"{group}.txt").write_text(text)


def quiet(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, pip: Pip) -> None:
    monkeypatch.setattr(dev, "make_venv", lambda: None)
    monkeypatch.setattr(dev.subprocess, "run", pip)


def test_it_installs_once_and_again_only_when_the_lock_changes(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    quiet(dev, monkeypatch, pip)
    write(dev, runtime="django==1", test="pytest==1")
    dev.prepare(("runtime", "test"))
    dev.prepare(("runtime",))
    assert pip.installed == ["runtime.txt", "test.txt"]
    write(dev, test="pytest==2")
    dev.prepare(("runtime", "test"))
    assert pip.installed == ["runtime.txt", "test.txt", "test.txt"]
    assert all({"--require-hashes", "--no-deps"} <= set(call) for call in pip.calls if "install" in call)


def test_another_python_installs_again(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    quiet(dev, monkeypatch, pip)
    write(dev, runtime="django==1")
    dev.prepare(("runtime",))
    monkeypatch.setattr(dev.platform, "python_version", lambda: "3.99.0")
    dev.prepare(("runtime",))
    assert pip.installed == ["runtime.txt", "runtime.txt"]


def test_a_failed_install_leaves_no_stamp_and_repeats(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(dev, runtime="django==1")
    quiet(dev, monkeypatch, Pip())
    dev.prepare(("runtime",))
    write(dev, runtime="django==2")
    quiet(dev, monkeypatch, Pip(code=1))
    with pytest.raises(SystemExit) as stopped:
        dev.prepare(("runtime",))
    assert stopped.value.code == 2
    assert "could not be installed" in capsys.readouterr().err
    write(dev, runtime="django==1")
    assert not dev.ready("runtime")


def test_a_python_without_ensurepip_takes_pip_from_outside(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    pip = Pip()
    monkeypatch.setattr(dev.subprocess, "run", pip)
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    dev.make_venv()
    assert "--without-pip" in pip.calls[0]


def test_a_python_with_neither_is_one_sentence(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        dev.make_venv()
    assert stopped.value.code == 2
    assert "python3-venv" in capsys.readouterr().err


def test_an_old_python_is_one_sentence(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dev.platform, "python_version", lambda: "3.9.2")
    with pytest.raises(SystemExit) as stopped:
        dev.main()
    assert stopped.value.code == 2
    assert capsys.readouterr().err == "dsboard needs Python 3.11 or newer; this is 3.9.2.\n"


def test_what_a_bucket_needs_is_installed_for_who_has_one() -> None:
    words = "import importlib.machinery as m, importlib.util as u; l = m.SourceFileLoader('dev', 'dev'); "
    words += "d = u.module_from_spec(u.spec_from_loader('dev', l)); l.exec_module(d); print(d.GROUPS['up'], d.GROUPS['manage'])"
    for settings, groups in [({}, ("runtime",)), ({"DSBOARD_S3_BUCKET": "files"}, ("runtime", "s3"))]:
        run = subprocess.run([sys.executable, "-B", "-c", words], env=environment(**settings), cwd=ROOT, capture_output=True, text=True)
        assert run.stdout.strip() == f"{groups} {groups}", run.stderr


def test_the_tests_use_every_core_unless_told_otherwise(dev: ModuleType) -> None:
    assert dev.spread([]) == dev.spread(["-k", "sweep", "--db", "embedded"]) == ["-n", "auto", "--dist", "loadfile"]
    assert dev.spread(["-n0"]) == dev.spread(["tests/test_dev.py::test_x"]) == dev.spread(["--pdb"]) == []


def test_the_locks_hold_hashes_and_no_address() -> None:
    for group, least in {"runtime": 20, "s3": 8, "test": 20, "check": 20, "bench": 1}.items():
        lines = (ROOT / "requirements" / f"{group}.txt").read_text().splitlines()
        pins = [line for line in lines if "==" in line]
        assert len(pins) > least
        assert all(line.endswith("\\") for line in pins)
        assert not [line for line in lines if "://" in line or line.startswith("-")]


@pytest.mark.parametrize("words", [[], ["upp"]])
def test_an_unknown_command_lists_the_known_ones(words: list[str]) -> None:
    run = subprocess.run([sys.executable, str(ROOT / "dev"), *words], env=environment(), capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert "./dev up" in run.stderr


def test_an_unknown_benchmark_lists_the_known_ones() -> None:
    command = [sys.executable, "-m", "benchmarks", "nothing"]
    run = subprocess.run(command, env=environment(), cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 2
    assert "There is no benchmark “nothing”." in run.stderr
