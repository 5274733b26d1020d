"""The types that settings are made of: numbers with bounds, levels, names, and the class that all settings share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, PlainSerializer

from whetstone.envs.suites import parse_levels, show_levels

Levels = Annotated[InstanceOf[range], BeforeValidator(parse_levels), PlainSerializer(show_levels)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Rate = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=60)]


class Settings(BaseModel):
    """What all settings share: unknown keys are errors, nothing changes after reading, types are not guessed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)
