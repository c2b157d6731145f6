"""config.md, Annotations."""

from harness.cases import MUST, case

ANNOTATIONS = "config.md#annotations"


@case(ANNOTATIONS, MUST, "Annotations with unknown keys are no error")
def unknown_keys(t):
    t.config["annotations"] = {"com.example.unknown": "1", "org.opencontainers.image.unknown": "2"}
    t.equal(t.output("echo ran"), "ran", "output")


@case(ANNOTATIONS, MUST, "An annotation's value may be empty", drop="annotations")
def empty_value(t):
    t.config["annotations"] = {"com.example.key": ""}
    t.equal((t.create().state().get("annotations") or {}).get("com.example.key"), "", "the value in the state")


@case(ANNOTATIONS, MUST, "An annotation's key may not be empty",
      peers="runc and crun take annotations as they come")
def empty_key(t):
    t.config["annotations"] = {"": "value"}
    t.refuses("an annotation without a key")


@case(ANNOTATIONS, MUST, "An annotation's value has to be a string")
def value_is_no_string(t):
    t.config["annotations"] = {"com.example.key": 1}
    t.refuses("an annotation that is a number")


@case(ANNOTATIONS, MUST, "Annotations have to be a map", peers="crun leaves a list out")
def not_a_map(t):
    t.config["annotations"] = ["com.example.key"]
    t.refuses("annotations in a list")


@case(ANNOTATIONS, MUST, "Annotations are the same in the state of a stopped container", drop="annotations")
def after_the_end(t):
    t.config["annotations"] = {"com.example.key": "value"}
    container = t.start("true")
    container.stopped()
    t.equal(container.state().get("annotations"), {"com.example.key": "value"}, "state.annotations")
