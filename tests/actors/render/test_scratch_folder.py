"""Scratch folders."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from actors.render.scratch_folder import ScratchFolder


def test_a_folder_is_ours_alone_and_goes_with_its_owner(tmp_path: Path) -> None:
    folder = ScratchFolder(tmp_path)
    assert stat.S_IMODE(os.stat(folder.path).st_mode) == 0o700
    (folder.path / "1").write_text("private")
    folder.remove()
    assert not folder.path.exists()
    folder.remove()


def test_folders_of_the_living_stay_and_of_the_dead_go(tmp_path: Path) -> None:
    living = ScratchFolder(tmp_path)
    assert not living.follows
    dead = tmp_path / "gnosis-render-dead"
    dead.mkdir()
    (dead / ".lock").touch()
    (dead / "1").write_text("private")
    foreign = tmp_path / "something-else"
    foreign.mkdir()
    newcomer = ScratchFolder(tmp_path)
    assert newcomer.follows
    assert not ScratchFolder(tmp_path).follows
    assert living.path.exists()
    assert not dead.exists()
    assert foreign.exists()
    living.remove()
    newcomer.remove()
