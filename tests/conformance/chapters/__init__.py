"""The tests, a module for each part of the specification."""

ORDER = ("state", "create", "start", "kill", "delete", "root", "process", "annotations")
