# What is fuzzed: the names of tests/fuzz/*_fuzz.cpp and their corpora.

# What an image, a bundle or a program brings before the runtime and the agent: on each ./check.
set(BERTH_FUZZ_QUICK
  address cgroup_path cni_config config criu device_rules handshake layer mount_options reference resources
  seccomp_profile state user)
# The others' libraries take minutes to compile: with ./check --long alone.
set(BERTH_FUZZ_SLOW
  acs acs_reply acs_task api_body cluster_query endpoint http policy scheduler_request sigv4
  task_definition tcs)
