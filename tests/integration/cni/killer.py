"""Calls berth-cni and kills it at random moments. Run on the host; its arguments: the program, the
directory of namespaces, how many containers, and a seed. The document comes on standard input."""

import os
import random
import subprocess
import sys
import time

PROGRAM, DIRECTORY, COUNT, SEED = sys.argv[1:5]
LONGEST = 0.03  # of a call, in seconds; most are killed before they are done


def call(command, container, document, chance):
    """Whether it was done before it was killed."""
    variables = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
                 "CNI_NETNS": f"{DIRECTORY}/netns-{container}", "CNI_PATH": "/"}
    with subprocess.Popen([PROGRAM], env=os.environ | variables, stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, start_new_session=True) as running:
        running.stdin.write(document)
        running.stdin.close()
        time.sleep(chance.random() ** 2 * LONGEST)
        running.kill()
    return running.returncode == 0


def main():
    chance = random.Random(int(SEED))
    document = sys.stdin.buffer.read()
    done = {"ADD": 0, "DEL": 0}
    for number in range(int(COUNT)):
        container = f"c{number}"
        done["ADD"] += call("ADD", container, document, chance)
        if chance.random() < 0.5:
            done["DEL"] += call("DEL", container, document, chance)
    print(done["ADD"], done["DEL"])


main()
