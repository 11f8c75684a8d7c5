"""The peers: each loads the exported networks and runs one of them by a number of threads.

A runtime is a function that takes the folder of the exported networks, the name of one and a
number of threads, and returns a function from lightness, a numpy array (1, 1, 144, 160), to
chroma. Each runs in a process of its own, and imports what only it needs.
"""

import json
import subprocess


def pytorch(folder, network, threads, memory_format="contiguous_format"):
    import torch

    torch.set_num_threads(threads)
    memory_format = getattr(torch, memory_format)
    model = torch.load(folder / f"{network}.pt", weights_only=False)
    model = model.to(memory_format=memory_format)

    @torch.inference_mode()
    def run(xs):
        return model(torch.from_numpy(xs).to(memory_format=memory_format)).numpy()

    return run


def pytorch_channels_last(folder, network, threads):
    return pytorch(folder, network, threads, "channels_last")


def onnx_runtime(folder, network, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        folder / f"{network}.onnx", options, providers=["CPUExecutionProvider"]
    )
    name = session.get_inputs()[0].name
    return lambda xs: session.run(None, {name: xs})[0]


def openvino(folder, network, threads, precision="f32"):
    import openvino

    suffix = "-int8" if precision == "int8" else ""
    config = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
    }
    model = openvino.Core().compile_model(folder / f"{network}{suffix}.xml", "CPU", config)
    request = model.create_infer_request()
    return lambda xs: request.infer([xs])[0]


def openvino_bf16(folder, network, threads):
    return openvino(folder, network, threads, "bf16")


def openvino_int8(folder, network, threads):
    return openvino(folder, network, threads, "int8")


def ncnn(folder, network, threads):
    import ncnn
    import numpy

    net = ncnn.Net()
    net.opt.num_threads = threads
    # Single precision, as the others: nothing is stored in fewer bits.
    net.opt.use_fp16_packed = False
    net.opt.use_fp16_storage = False
    net.opt.use_fp16_arithmetic = False
    net.load_param(str(folder / f"{network}.ncnn.param"))
    net.load_model(str(folder / f"{network}.ncnn.bin"))

    def run(xs):
        with net.create_extractor() as extractor:
            extractor.input("in0", ncnn.Mat(xs[0]))
            return numpy.array(extractor.extract("out0")[1])[None]

    return run


PEERS = {
    "PyTorch eager": pytorch,
    "PyTorch channels_last": pytorch_channels_last,
    "ONNX Runtime": onnx_runtime,
    "OpenVINO f32": openvino,
    "OpenVINO bf16": openvino_bf16,
    "OpenVINO int8": openvino_int8,
    "ncnn f32": ncnn,
}


def chromaboy_precisions(program):
    """What `--precision` may be; one without a name where the program has no such option."""
    usage = subprocess.run([program, "bench", "--help"], capture_output=True, text=True, check=True)
    return ["f32", "bf16", "int8"] if "--precision" in usage.stdout else [None]


def chromaboy(program, weights, precision, threads, frames):
    """Times of so many frames by this program: the least, the median and the greatest, in ms."""
    command = [program, "bench", "--json", "--only", "network", "--rounds", "1"]
    command += ["--colored", str(frames), "--threads", str(threads), "--device", "cpu"]
    command += ["--weights", str(weights)]
    if precision is not None:
        command += ["--precision", precision]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(result.stderr.strip())
    return json.loads(result.stdout)["ms"]
