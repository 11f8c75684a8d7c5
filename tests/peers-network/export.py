"""Writes the networks in every runtime's format; what a runtime cannot take is left out."""

import os
import pathlib
import warnings

import torch
from safetensors.torch import load_file, save_file

import networks
from pictures import SHAPE, pictures


def export(folder: pathlib.Path, v1_weights: pathlib.Path):
    """Exports V1 with these weights and V2 with random ones. Returns why parts are left out."""
    v1 = networks.V1().eval()
    v1.load_state_dict(load_file(v1_weights))
    missing = {}
    for name, network in {"V1": v1, "V2": networks.random_v2()}.items():
        state = {key: x for key, x in network.state_dict().items() if x.is_floating_point()}
        save_file(state, folder / f"{name}.safetensors")
        torch.save(network, folder / f"{name}.pt")
        for writer in (write_onnx, write_openvino, write_ncnn):
            try:
                with warnings.catch_warnings(action="ignore"):
                    writer(folder, name, network)
            except Exception as error:  # Whatever a converter may raise.
                missing[f"{name}, {writer.__name__}"] = str(error).splitlines()[0]
    return missing


def write_onnx(folder, name, network):
    path = folder / f"{name}.onnx"
    example = (torch.rand(SHAPE),)
    torch.onnx.export(network, example, path, dynamo=True, external_data=False, verbose=False)


def write_openvino(folder, name, network):
    import openvino

    model = openvino.convert_model(network, example_input=torch.rand(SHAPE), input=[SHAPE])
    openvino.save_model(model, folder / f"{name}.xml", compress_to_fp16=False)
    if name == "V1":
        import nncf

        data = nncf.Dataset(pictures(100, seed=1))
        quantized = nncf.quantize(model, data, subset_size=100)
        openvino.save_model(quantized, folder / f"{name}-int8.xml", compress_to_fp16=False)


def write_ncnn(folder, name, network):
    import pnnx

    # pnnx writes a dozen files beside the one that it is told.
    before = pathlib.Path.cwd()
    os.chdir(folder)
    try:
        pnnx.export(network, f"{name}.pt2", torch.rand(SHAPE), fp16=False)
    finally:
        os.chdir(before)
