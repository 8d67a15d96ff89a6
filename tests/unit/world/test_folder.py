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


def test_no_link_leads_out_of_the_repository_in_which_it_lies(tmp_path: Path) -> None:
    there, beside = tmp_path / "there", tmp_path / "beside"
    for each in (there / ".git", there / "files", beside):
        each.mkdir(parents=True)
    for each in (there / "near.yaml", there / ".git" / "config", beside / "far.yaml"):
        each.write_text("password: hunter2\npassword: again\n")
    (there / "files" / "a.yaml").symlink_to("../near.yaml")
    (there / "files" / "b.yaml").symlink_to("../.git/config")
    (there / "files" / "c.yaml").symlink_to("../../beside/far.yaml")
    (there / "files" / "d").symlink_to(beside)
    loaded = load([there / "files"])

    said = [(Path(each.position.file).name, each.field, each.what) for each in loaded.problems]

    assert not loaded.readable
    assert said == [
        ("a.yaml", "", "is not a Kubernetes object: apiVersion and kind missing"),
        ("a.yaml", "password", "stands in line 1 already"),
        ("b.yaml", "", "cannot be read: it is a link that leads out of its repository"),
        ("c.yaml", "", "cannot be read: it is a link that leads out of its repository"),
        ("d", "", "cannot be read: it is a link that leads out of its repository"),
    ]


def test_links_of_a_folder_that_git_does_not_know_are_followed(tmp_path: Path) -> None:
    """So a ConfigMap is mounted."""
    data = tmp_path / "..data"
    data.mkdir()
    (data / "a.yaml").touch()
    (tmp_path / "a.yaml").symlink_to("..data/a.yaml")

    assert load([tmp_path]).problems == []
