"""The parts of a cluster of processes; the whole is proved by `make cluster-test`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from mediawatch.errors import LocalServiceError
from mediawatch.local import cluster, processes


def test_without_a_redis_server_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LocalServiceError, match="apt install redis-server"):
        cluster.start_redis(tmp_path)


@pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server")
def test_redis_keeps_nothing_on_disk_and_ends_when_told(tmp_path: Path) -> None:
    service, _ = cluster.start_redis(tmp_path)
    leader = service.leader()
    assert leader
    leader.terminate()
    assert service.exit_code(10) == 0
    processes.stop([service])
    assert [file.name for file in tmp_path.iterdir()] == ["redis.log"]


def test_a_service_that_does_not_end_in_time_has_no_exit_code(tmp_path: Path) -> None:
    service = processes.Service("sleeper", tmp_path)
    assert service.exit_code(0) is None
    service.start(["sleep", "60"], {"PATH": "/usr/bin:/bin"})
    try:
        assert service.exit_code(0.05) is None
    finally:
        processes.stop([service])
