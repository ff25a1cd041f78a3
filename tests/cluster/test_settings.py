"""Settings come from the environment or flags, are complete and frozen, and a bad one is named with what is allowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from cluster.errors import StartupError
from cluster.settings import ReplicaRange, load_settings


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GNOSIS_")]:
        monkeypatch.delenv(name)


def test_defaults_are_those_of_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert settings.store == f"file://{tmp_path.resolve()}/data"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.engine_names == ("rapidocr",)
    assert settings.ocr_range == settings.render_range == ReplicaRange(1, 1)
    assert settings.job_hosts == 1
    assert (settings.batch_size, settings.batch_wait_ms) == (None, None)
    assert (settings.max_upload_mb, settings.max_direct_upload_mb) == (500, 100)
    assert (settings.max_pages, settings.max_page_megapixels) == (5000, 50)
    assert (settings.api_keys_file, settings.source_buckets, settings.retention_days) == (None, None, None)


def test_the_environment_sets_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_PORT", "9000")
    monkeypatch.setenv("GNOSIS_JOB_HOSTS", "4")
    settings = load_settings(port=9001)
    assert (settings.port, settings.job_hosts) == (9001, 4)


def test_retention_is_a_number_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_RETENTION_DAYS", "30")
    assert load_settings().retention_days == 30


def test_settings_are_frozen() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.parametrize(("text", "least", "most"), [("3", 3, 3), ("1-4", 1, 4), ("0-2", 0, 2)])
def test_replicas(text: str, least: int, most: int) -> None:
    assert load_settings(ocr_replicas=text).ocr_range == ReplicaRange(least, most)


@pytest.mark.parametrize("store", ["memory://", "gs://bucket/prefix", "gs://bucket"])
def test_stores(store: str) -> None:
    assert load_settings(store=store).store == store


def test_a_relative_folder_is_made_absolute_where_the_command_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(store="file://jobs/here").store == f"file://{tmp_path.resolve()}/jobs/here"
    assert load_settings(store=f"file://{tmp_path}/x").store == f"file://{tmp_path.resolve()}/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("store", "ftp://there"),
        ("store", "file://"),
        ("store", "gs://"),
        ("store", "./data"),
        ("port", "0"),
        ("port", "http"),
        ("engines", "rapidocr,Magic"),
        ("engines", "null,null"),
        ("engines", ""),
        ("ocr_replicas", "0"),
        ("ocr_replicas", "4-1"),
        ("render_replicas", "many"),
        ("job_hosts", "65"),
        ("max_pages", "0"),
        ("source_buckets", "one, Two"),
        ("source_buckets", "gs://one"),
        ("api_keys_file", ""),
        ("dashboard_url", "javascript:alert(1)"),
        ("dashboard_url", "https:///no-host"),
        ("cors_origins", "app.example.org"),
        ("cors_origins", "https://app.example.org/"),
        ("cors_origins", "https://a.org,,https://b.org"),
        ("formats", "md,docx"),
        ("formats", ""),
        ("max_open_requests", "0"),
        ("retention_days", "0"),
        ("retention_days", "for ever"),
    ],
)
def test_a_bad_value_stops_start_up_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GNOSIS_{name.upper()}", value)
    with pytest.raises(StartupError) as caught:
        load_settings()
    assert caught.value.detail.startswith(f"GNOSIS_{name.upper()} is {value!r}: ")
    assert "\n" not in caught.value.detail


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(StartupError, match="GNOSIS_COLOUR"):
        load_settings(colour="red")


def test_the_api_key_of_a_server_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GNOSIS_OPENAI_API_KEY", "hush-hush")
    settings = load_settings()
    assert settings.openai_api_key.get_secret_value() == "hush-hush"
    assert "hush" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


@pytest.mark.parametrize(("value", "names"), [("one", {"one"}), ("one-a, two.b", {"one-a", "two.b"}), ("", set())])
def test_buckets_of_sources(value: str, names: set[str]) -> None:
    assert load_settings(source_buckets=value).source_bucket_names == names


def test_the_bucket_of_the_store() -> None:
    assert load_settings(store="gs://ours/prefix").store_bucket == "ours"
    assert load_settings(store="memory://").store_bucket is None


def test_origins_are_a_list_or_everybody() -> None:
    assert load_settings().origins == ()
    assert load_settings(cors_origins="https://a.org, http://localhost:3000").origins == (
        "https://a.org",
        "http://localhost:3000",
    )
    assert load_settings(cors_origins="*").origins == ("*",)


def test_formats_are_all_unless_named() -> None:
    assert load_settings().format_names == ("md", "txt", "json", "pdf", "hocr", "alto")
    assert load_settings(formats="txt, md,txt").format_names == ("txt", "md")


def test_the_file_of_keys_is_made_absolute_but_links_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real.json").touch()
    (tmp_path / "keys.json").symlink_to("real.json")
    monkeypatch.chdir(tmp_path)
    assert load_settings(api_keys_file="keys.json").api_keys_file == tmp_path / "keys.json"


def test_callbacks_are_off_without_a_secret() -> None:
    assert not load_settings().callback_terms.signed
    terms = load_settings(webhook_secret="whsec_" + "QUJD" * 8, callback_networks="10.0.0.0/8, ::1/128").callback_terms
    assert terms.signed
    assert [str(network) for network in terms.reach.networks] == ["10.0.0.0/8", "::1/128"]


def test_a_bad_secret_is_named_and_not_shown() -> None:
    with pytest.raises(StartupError, match="GNOSIS_WEBHOOK_SECRET is set to something else: must be whsec_") as caught:
        load_settings(webhook_secret="geheim")
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_bad_network_is_named() -> None:
    with pytest.raises(StartupError, match=r"GNOSIS_CALLBACK_NETWORKS is '10\.0\.0\.1/8'"):
        load_settings(callback_networks="10.0.0.1/8")
