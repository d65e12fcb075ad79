"""Counts checks and collects what every event of a server looks like against the SDK's own types.

An event is looked up by its `type` and validated by that one class: the union of all classes is not discriminated, and
the SDKs build objects at run time without validation, so a conversation that works proves little by itself.
"""

import json
import typing


class Checks:
    """Named checks; a failed one is told at once and counted."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def that(self, what, holds, told=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {what} {told}".rstrip())

    def closing(self):
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def classes_by_type(union):
    """`type` literal to class, for every member of a union of models."""
    if typing.get_origin(union) is typing.Annotated:
        union = typing.get_args(union)[0]
    found = {}
    for cls in typing.get_args(union):
        for name in typing.get_args(cls.model_fields["type"].annotation):
            found[name] = cls
    return found


class Validator:
    """Validates raw events by their `type` and remembers which types were seen."""

    def __init__(self, checks, provider, union):
        self.checks = checks
        self.provider = provider
        self.classes = classes_by_type(union)
        self.seen = set()

    def event(self, raw):
        event = json.loads(raw)
        name = event.get("type")
        cls = self.classes.get(name)
        self.checks.that(f"{self.provider} {name} is a known type", cls is not None)
        if cls is not None:
            self.seen.add(name)
            try:
                cls.model_validate(event)
                self.checks.that(f"{self.provider} {name}", True)
            except Exception as error:  # whatever the SDK's validation says is what we want to read
                self.checks.that(f"{self.provider} {name}", False, f"{error}\n  {json.dumps(event)[:600]}")
        return event
