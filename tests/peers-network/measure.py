"""Measures the networks beside other runtimes, in turns, and writes a table in Markdown.

    python measure.py --program ../../target/release/chromaboy [--rounds 10] [--frames 20]

In each round everyone colors so many frames of 144x160, one at a time, by one thread and by two,
each in a process of its own and while all others rest. A cell is the median of the rounds'
medians, with the least and the greatest of them, in milliseconds a frame.
"""

import argparse
import multiprocessing
import os
import pathlib
import statistics
import sys
import tempfile
import time

import runtimes

# Threads of some runtimes spin for a while when their work is done; the next turn is not to feel it.
PAUSE = 0.3
WARM_UP = 3
NETWORKS = ("V1", "V2")
THREADS = (1, 2)
REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def serve(peer, folder, network, threads, pipe):
    """A peer's process: sends the median of so many frames as often as it is asked."""
    try:
        from pictures import pictures

        frames = pictures(4)
        run = runtimes.PEERS[peer](folder, network, threads)
        pipe.send(run(frames[0]))
        while count := pipe.recv():
            for i in range(WARM_UP):
                run(frames[i % len(frames)])
            times = [timed(run, frames[i % len(frames)]) for i in range(count)]
            pipe.send(statistics.median(times))
    except EOFError:
        pass  # Nobody asks any more.
    except Exception as error:  # Whatever a runtime may raise.
        pipe.send(f"{type(error).__name__}: {error}".splitlines()[0])


def timed(run, frame):
    start = time.perf_counter()
    run(frame)
    return (time.perf_counter() - start) * 1e3


class Peer:
    """A runtime with a network and a number of threads, in a process of its own."""

    def __init__(self, name, folder, network, threads):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        arguments = (name, folder, network, threads, theirs)
        self.process = context.Process(target=serve, args=arguments, daemon=True)
        self.process.start()
        theirs.close()
        #: What it made of the first picture.
        self.output = self.ask()

    def ask(self):
        answer = self.pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        return answer

    def measure(self, frames):
        self.pipe.send(frames)
        return self.ask()


class Chromaboy:
    """This program with a network, a precision and a number of threads."""

    def __init__(self, program, weights, precision, threads):
        self.arguments = (program, weights, precision, threads)
        self.measure(1)

    def measure(self, frames):
        return runtimes.chromaboy(*self.arguments, frames)["median"]


def start(args, folder):
    """All who take part, by network, name and threads; and why others do not."""
    entrants, missing = {}, {}

    def enter(network, name, threads, make):
        try:
            entrants[network, name, threads] = make()
        except (EOFError, OSError, RuntimeError) as error:
            missing[f"{network}, {name}"] = str(error) or type(error).__name__

    for network in NETWORKS:
        weights = folder / f"{network}.safetensors"
        for threads in THREADS:
            for name in runtimes.PEERS:
                if name == "OpenVINO int8" and network != "V1":
                    continue
                enter(network, name, threads, lambda: Peer(name, folder, network, threads))
            for precision in runtimes.chromaboy_precisions(args.program):
                if precision == "int8" and network != "V1":
                    continue
                name = f"Chromaboy {precision or 'f32'}"
                enter(
                    network, name, threads,
                    lambda: Chromaboy(args.program, weights, precision, threads),
                )  # fmt: skip
    return entrants, missing


def measure(entrants, rounds, frames):
    times = {key: [] for key in entrants}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for key, entrant in entrants.items():
            time.sleep(PAUSE)
            times[key].append(entrant.measure(frames))
    return times


def difference(entrants, network, name):
    """The largest difference of an output from PyTorch's, where both were seen."""
    one = getattr(entrants.get((network, name, 1)), "output", None)
    other = getattr(entrants.get((network, "PyTorch eager", 1)), "output", None)
    return "" if one is None or other is None else f"{abs(one - other).max():.0e}"


def table(times, entrants):
    heads = [f"{threads} thread{'s' if threads > 1 else ''}" for threads in THREADS]
    yield f"| network, runtime | {' | '.join(heads)} | from PyTorch by |"
    yield "|---|" + "---|" * (len(heads) + 1)
    for network, name in dict.fromkeys((network, name) for network, name, _ in times):
        cells = [cell(times.get((network, name, threads))) for threads in THREADS]
        yield f"| {network}, {name} | {' | '.join(cells)} | {difference(entrants, network, name)} |"


def cell(rounds):
    if not rounds:
        return ""
    return f"{statistics.median(rounds):.2f} ({min(rounds):.2f}-{max(rounds):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="a release build of chromaboy")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--frames", type=int, default=20, help="frames in a round")
    parser.add_argument(
        "--weights", type=pathlib.Path, default=REPOSITORY / "models/v1.safetensors",
        help="V1's weights; V2's are random",
    )  # fmt: skip
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # In a process that ends: PyTorch's threads and memory are not to stay.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            not_exported = pool.apply(export_networks, (folder, args.weights))
        entrants, missing = start(args, folder)
        times = measure(entrants, args.rounds, args.frames)
        print("\n".join(table(times, entrants)))
    for what, why in {**not_exported, **missing}.items():
        print(f"\nleft out: {what}: {why}")


def export_networks(folder, weights):
    from export import export

    # Some converters tell of their progress on stdout, which is for the table.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return export(folder, weights)


if __name__ == "__main__":
    main()
