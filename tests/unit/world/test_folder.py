"""Which files of a folder are read, whatever links do."""

from pathlib import Path

from ispalier.world.folder import files
from ispalier.world.load import load


def test_links_in_a_circle_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "a.yaml").touch()
    (tmp_path / "a" / "up").symlink_to("..")
    (tmp_path / "b" / "self").symlink_to("self")

    assert list(files([tmp_path])) == [tmp_path / "a" / "a.yaml"]


def test_a_link_that_leads_nowhere_is_something_missing(tmp_path: Path) -> None:
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    (tmp_path / "self.yaml").symlink_to("self.yaml")
    loaded = load([tmp_path])

    assert not loaded.readable
    assert [each.what for each in loaded.problems] == [
        "cannot be read: No such file or directory",
        "cannot be read: Too many levels of symbolic links",
    ]
