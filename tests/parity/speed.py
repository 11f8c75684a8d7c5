"""Milliseconds of a step of training in PyTorch and in the trainer, measured in turns.

    pip install torch numpy
    python tests/parity/speed.py [v0|v1|v2] [THREADS]

Batch 8, 144x160, RMSprop, f32; the medians of three rounds and their ratio.
"""

import os
import statistics
import subprocess
import sys
import time

sys.argv[1:] = sys.argv[1:] or ["v1"]
with open(os.path.join(os.path.dirname(__file__), "record.py")) as file:
    exec(file.read().split("# What is recorded")[0])

name = sys.argv[1]
threads = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()
torch.set_num_threads(threads)


def pytorch():
    inputs, targets = torch.rand(8, 1, 144, 160), torch.rand(8, 2, 144, 160) - 0.5
    network = Network({"v0": v0, "v1": v1, "v2": v2}[name], torch.tanh)
    network(inputs[:1])
    optimizer = rmsprop(network.parameters)
    times = []
    for _ in range(12):
        start = time.perf_counter()
        loss = F.mse_loss(network(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[3:])


def trainer():
    profile = ["--profile", os.environ["PROFILE"]] if "PROFILE" in os.environ else []
    command = ["cargo", "bench", "-q", *profile, "-p", "trainer", "--bench", "step", "--"]
    done = subprocess.run(command + [name, str(threads)], stdout=subprocess.PIPE, check=True)
    return float(done.stdout.split()[-1])


rounds = [(pytorch(), trainer()) for _ in range(3)]
theirs, ours = (statistics.median(column) for column in zip(*rounds))
for a, b in rounds:
    print(f"PyTorch {a:.0f} ms, trainer {b:.0f} ms")
print(f"{name}, {threads} threads: PyTorch {theirs:.0f} ms, trainer {ours:.0f} ms, ratio {ours / theirs:.2f}")
