"""Thousands of agents on one scheduler, as bench/scheduler simulates them: over real connections."""

import json
import subprocess

AGENTS = 2000
IDLE = 40  # seconds; the scheduler's heartbeat comes every 30


def test_two_thousand_idle_agents_stay_connected_and_then_get_tasks(bin_dir, tmp_path):
    bench = [bin_dir / "scheduler-bench", bin_dir / "berth-scheduler", "--dir", tmp_path]
    load = ["--agents", str(AGENTS), "--idle", str(IDLE), "--tasks", "200", "--clients", "4"]
    # It ends with an error if only one connection ends, or one call is refused.
    done = subprocess.run(["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
                           *bench, *load], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["agents"] == AGENTS
    assert found["idle_heartbeats"] >= AGENTS
    assert found["tasks"] == 200
