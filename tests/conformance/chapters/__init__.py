"""The tests, a module for each part of the specification."""

ORDER = ("state", "create", "start", "kill", "delete", "hook_order", "root", "process", "user",
         "rlimits", "capabilities", "hooks", "annotations")
