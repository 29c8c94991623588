"""The help's environment table names exactly the variables that are read."""

import re
from pathlib import Path

from deploy.cli.help import PAGES, read_page
from deploy.cli.init import write_home
from deploy.cli.prefect_env import prepare
from mappings.catalogue import CATALOGUE
from state.settings import VARIABLES, load_settings

_ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def test_the_help_names_every_variable_that_is_read_and_no_other() -> None:
    named = _ROW.findall(read_page("environment"))
    assert sorted(named) == sorted(VARIABLES)


def test_the_skeleton_of_env_names_only_variables_that_are_read(tmp_path: Path) -> None:
    write_home(tmp_path / "acme", "us_retail")
    named = re.findall(r"^#([A-Z_]+)=", (tmp_path / "acme" / ".env").read_text(), re.MULTILINE)
    assert named
    assert set(named) <= set(VARIABLES)


def test_a_skeleton_that_nobody_filled_in_sets_nothing(tmp_path: Path) -> None:
    write_home(tmp_path / "acme", "us_retail")
    assert load_settings(tmp_path / "acme", {}).magento_base_url == ""


def test_every_prefect_setting_that_is_set_exists() -> None:
    from prefect.settings import Settings
    from prefect.settings.legacy import _get_settings_fields

    environ: dict[str, str] = {}
    prepare(environ, Path("home"))
    known = set(_get_settings_fields(Settings)) | {"DO_NOT_TRACK"}
    assert set(environ) <= known


def test_each_problem_has_its_place_on_the_page_that_it_names() -> None:
    page = read_page("problems")
    for code, cause in CATALOGUE.items():
        assert cause.page == f"problems#{code}"
        assert f"\n## {code}\n" in page


def test_each_help_page_begins_with_its_title() -> None:
    assert all(read_page(page).startswith("# ") for page in PAGES)
