"""A Serve config, held against Ray's schema with unknown keys refused, and its args against our settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from ray.serve.schema import ServeDeploySchema

from cluster.settings import Settings
from serve_app.application import NOT_HERE, settings_of


def settings_in(config: dict[str, Any]) -> Settings:
    """The settings of the one application. ValueError, StartupError: the config is wrong, or says what nobody reads."""
    wrong = list(unknown_keys(ServeDeploySchema, config, ""))
    if wrong:
        raise ValueError(f"Ray would pass over {', '.join(wrong)}")
    (application,) = ServeDeploySchema.model_validate(config).applications
    if (application.name, application.import_path) != ("gnosis-ocr", "serve_app.application:application"):
        raise ValueError("the application is not ours")
    assert not application.args.keys() & NOT_HERE.keys()
    return settings_of(application.args)


def unknown_keys(model: type[BaseModel], given: Any, where: str) -> Iterator[str]:
    """Keys that the model does not have: Ray takes them and passes over them, so that a slip is not noticed."""
    if not isinstance(given, dict):
        return
    for name, value in given.items():
        field = model.model_fields.get(name)
        if field is None:
            yield f"{where}{name}"
            continue
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                for one in value if isinstance(value, list) else [value]:
                    yield from unknown_keys(inner, one, f"{where}{name}.")
