"""The tests, a module for each part of the specification."""

ORDER = ("state", "create", "start", "kill", "delete", "hook_order", "root", "process", "user",
         "rlimits", "capabilities", "mounts", "mount_options", "hooks", "annotations",
         "namespaces", "user_namespaces", "devices",
         "cgroups", "linux", "paths", "seccomp", "seccomp_notify",
         "features")
