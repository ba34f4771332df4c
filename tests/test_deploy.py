"""The files of deploy/: valid by the schemas of those who read them, and calling what exists.

Nothing is built or started here, which takes Docker or a cluster.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from nianbao.cli import command_of

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
KUBERNETES = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
# The version in which all that is used here became stable, and one that follows.
VERSIONS = ("1.33", "1.35")
STORAGE = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION"}


@dataclass(frozen=True)
class Container:
    """A container of our image: what it runs, with which variables, and which ports it names."""

    name: str
    command: list[str]
    environment: set[str]
    ports: dict[str, int] = field(default_factory=dict)
    spec: dict[str, Any] = field(default_factory=dict)


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    return content


@cache
def resources() -> list[dict[str, Any]]:
    """What Kubernetes is given, but for the list of files."""
    paths = [path for path in KUBERNETES if path.name != "kustomization.yaml"]
    return [one for path in paths for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def settings() -> set[str]:
    (found,) = [one["data"] for one in resources() if one["kind"] == "ConfigMap"]
    return set(found)


def pods() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The workloads, each with what its pods are."""
    for one in resources():
        if one["kind"] == "Deployment":
            yield one, one["spec"]["template"]
        if one["kind"] == "CronJob":
            yield one, one["spec"]["jobTemplate"]["spec"]["template"]


def containers_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def ours() -> list[Container]:
    """All containers of our image, of either kind of file."""
    found = [
        Container(f"compose {name}", service["command"], set(service.get("environment", {})))
        for name, service in compose()["services"].items()
        if service["image"] == "nianbao"
    ]
    for _, pod in pods():
        for spec in containers_of(pod):
            if spec["image"] == "nianbao":
                named = {variable["name"] for variable in spec.get("env", ())}
                named |= settings() if spec.get("envFrom") else set()
                ports = {port["name"]: port["containerPort"] for port in spec.get("ports", ())}
                found.append(Container(f"kubernetes {spec['name']}", spec["args"], named, ports, spec))
    return found


def run_by(container: Container) -> list[str]:
    """The words of the command, that of a shell as the first of an indexed job sees it."""
    if container.command[:2] != ["sh", "-c"]:
        return container.command
    script = f"set -- {container.command[2].removeprefix('exec ')}; printf '%s\\n' \"$@\""
    done = subprocess.run(
        ["sh", "-c", script], env={"JOB_COMPLETION_INDEX": "0"}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_the_compose_file_is_one() -> None:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_kubernetes_knows_every_field() -> None:
    kinds = set()
    for one in resources():
        for version in VERSIONS:
            kubernetes_validate.validate(one, version, strict=True)
        kinds.add(one["kind"])
    assert kinds >= {
        "Deployment",
        "Service",
        "CronJob",
        "ConfigMap",
        "PersistentVolumeClaim",
        "NetworkPolicy",
    }


def test_every_file_is_applied_and_the_namespace_is_one() -> None:
    (listed,) = yaml.safe_load_all((DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8"))
    assert {*listed["resources"], "kustomization.yaml"} == {path.name for path in KUBERNETES}
    assert [image["name"] for image in listed["images"]] == ["nianbao"]
    namespaces = {one["metadata"]["name"] for one in resources() if one["kind"] == "Namespace"}
    assert namespaces == {listed["namespace"]}


def test_the_dockerfile_has_no_faults() -> None:
    done = subprocess.run(
        [BIN / "hadolint", DEPLOY / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_image_is_built_of_what_there_is() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert re.findall(r"UV_VERSION=(\S+)", DOCKERFILE) == re.findall(r"UV_VERSION := (\S+)", makefile)
    left_out = set(re.findall(r"--no-extra (\S+)", DOCKERFILE))
    assert left_out <= project["project"]["optional-dependencies"].keys()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    assert all((ROOT / source).exists() for source in sources)
    needed = {"pyproject.toml", "uv.lock", project["project"]["readme"], *project["project"]["license-files"]}
    assert needed <= sources
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8")
    assert {line[1:] for line in ignored.splitlines() if line.startswith("!")} == sources
    bases = set(re.findall(r"^FROM python:3\.(\d+)-", DOCKERFILE, re.MULTILINE))
    assert len(bases) == 1
    assert f"Programming Language :: Python :: 3.{bases.pop()}" in project["project"]["classifiers"]
    user = re.findall(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE)
    assert user == [("10001", "10001")]


@pytest.mark.parametrize("container", ours(), ids=lambda container: container.name)
def test_commands_are_understood(container: Container) -> None:
    program, *arguments = run_by(container)
    if program == "nianbao":
        understood(command_of(arguments), "nianbao", arguments)
    else:
        assert program == "dask"
        kind, *rest = arguments
        understood(dask(kind), kind, rest)


def understood(command: Any, name: str, arguments: list[str], parent: Any = None) -> None:
    """Reads a command line as the command does, and stops before anything is done."""
    context = command.make_context(name, list(arguments), parent=parent)
    rest = [*context._protected_args, *context.args]
    if hasattr(command, "resolve_command") and rest:
        called, below, arguments = command.resolve_command(context, rest)
        understood(below, called, arguments, context)
    else:
        assert not rest


def dask(kind: str) -> Any:
    from distributed.cli.dask_scheduler import main as scheduler
    from distributed.cli.dask_worker import main as worker

    return {"scheduler": scheduler, "worker": worker}[kind]


def test_commands_that_are_wrong_would_be_told() -> None:
    with pytest.raises(Exception, match=r"--shards"):
        understood(command_of(["crawl"]), "nianbao", ["crawl", "--shards", "1/2"])
    with pytest.raises(Exception, match=r"--nthread\b"):
        understood(dask("worker"), "worker", ["tcp://scheduler:8786", "--nthread", "1"])


@pytest.mark.parametrize("container", ours(), ids=lambda container: container.name)
def test_variables_are_read_by_somebody(container: Container) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    read = set(re.findall(r'envvar="(NIANBAO_\w+)"', source))
    assert container.environment <= read | STORAGE
    program = container.command[0]
    if STORAGE & container.environment:
        assert container.environment >= {*STORAGE, "NIANBAO_DATA"}
    elif program != "dask":
        assert "NIANBAO_DATA" in container.environment


ASKED = """
import botocore.session
session = botocore.session.get_session()
key = session.get_credentials()
print(session.create_client("s3").meta.endpoint_url, session.get_config_variable("region"))
print(key.access_key, key.secret_key)
"""


def test_the_storage_is_found_by_the_variables_that_are_set() -> None:
    given = {name: f"https://{name.lower().replace('_', '-')}.test" for name in sorted(STORAGE)}
    given["AWS_DEFAULT_REGION"] = "us-east-1"
    done = subprocess.run(
        [sys.executable, "-c", ASKED], env=given, capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) == set(given.values())


def test_shards_are_all_there() -> None:
    shards = [
        re.findall(r"(\d+)/(\d+)", " ".join(service["command"]))
        for name, service in compose()["services"].items()
        if name.startswith("crawl")
    ]
    assert shards == [[(str(number), str(len(shards)))] for number in range(1, len(shards) + 1)]
    (job,) = [one["spec"]["jobTemplate"]["spec"] for one in resources() if one["metadata"]["name"] == "crawl"]
    assert job["completionMode"] == "Indexed"
    assert job["completions"] == job["parallelism"]
    (container,) = [one for one in ours() if one.name == "kubernetes crawl"]
    words = run_by(container)
    assert words[words.index("--shard") + 1] == f"1/{job['completions']}"


def test_addresses_lead_to_services_and_probes_to_ports() -> None:
    services = {one["metadata"]["name"]: one["spec"] for one in resources() if one["kind"] == "Service"}
    labelled = {
        tuple(sorted(pod["metadata"]["labels"].items())): {
            port["name"]: port["containerPort"]
            for container in containers_of(pod)
            for port in container.get("ports", ())
        }
        for _, pod in pods()
    }
    for service in services.values():
        behind = labelled[tuple(sorted(service["selector"].items()))]
        assert all(port["targetPort"] in behind for port in service["ports"])
    for container in ours():
        for host, port in re.findall(r"tcp://(\w+):(\d+)", " ".join(container.command)):
            known = {str(one["port"]) for one in services[host]["ports"]}
            assert port in known
            assert host in compose()["services"]
        probes = [container.spec[name] for name in container.spec if name.endswith("Probe")]
        for probe in probes:
            (asked,) = (probe[way] for way in ("httpGet", "tcpSocket") if way in probe)
            assert asked["port"] in container.ports
        listening = re.findall(r"(?:--port |:)(\d{4})\b", " ".join(container.command))
        assert {str(port) for port in container.ports.values()} <= set(listening)


def test_no_pod_may_more_than_it_needs() -> None:
    for workload, pod in pods():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsUser"] == 10001
        for container in containers_of(pod):
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"].keys() >= {"cpu", "memory"}, workload["metadata"]
            assert "memory" in container["resources"]["limits"]
        if workload["kind"] == "Deployment":
            selector = workload["spec"]["selector"]["matchLabels"]
            assert selector.items() <= pod["metadata"]["labels"].items()
    published = [service.get("ports", []) for service in compose()["services"].values()]
    assert [port for ports in published for port in ports] == ["127.0.0.1:8000:8000"]


def test_secrets_stand_in_no_file() -> None:
    assert not any(one["kind"] == "Secret" for one in resources())
    text = "".join(path.read_text(encoding="utf-8") for path in KUBERNETES)
    keys = set(re.findall(r"secretKeyRef: \{name: nianbao, key: (\w+)\}", text))
    said = set(
        re.findall(r"--from-literal=(\w+)", (DEPLOY / "kubernetes" / "settings.yaml").read_text("utf-8"))
    )
    assert keys == said
    example = (DEPLOY / "example.env").read_text(encoding="utf-8")
    wanted = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text(encoding="utf-8")))
    assert wanted == set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert not re.search(r"^(?:\w*PASSWORD|\w*TOKEN)=.", example, re.MULTILINE)
