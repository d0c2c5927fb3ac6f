#!/usr/bin/env python3
"""Writes the corpora of the fuzzers for safetensors, their index, Fovea's own checkpoints and
class names; that for PyTorch is the fixtures of the tests.

    python3 make_weights.py
"""
import json
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent


def safetensors(name, tensors, metadata=None):
    """Zeros by name, type and shape."""
    sizes = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8, "I8": 1, "BOOL": 1}
    header, end = {}, 0
    if metadata:
        header["__metadata__"] = {key: json.dumps(value) for key, value in metadata.items()}
    for tensor, (kind, *shape) in tensors.items():
        start = end
        count = 1
        for extent in shape:
            count *= extent
        end += count * sizes[kind]
        header[tensor] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(end))


def moves(padding):
    pair = [padding, padding]
    return {"dilation": [1, 1], "paddingAfter": pair, "paddingBefore": pair, "stride": [1, 1]}


def node(name, operation, options, inputs, *parameters):
    return {
        "name": name, "operation": operation, "options": options, "inputs": inputs,
        "parameters": list(parameters),
    }


def graph():
    pooling = {"ceiling": False, "moves": moves(0) | {"stride": [2, 2]}, "window": [2, 2]}
    nodes = [
        node("conv", "Convolution", {"groups": 1, "moves": moves(1), "window": [3, 3]}, ["input"],
             "conv.weight"),
        node("shift", "Constant", {}, [], "shift"),
        node("sum", "Arithmetic", {"function": "add"}, ["conv", "shift"]),
        node("relu", "Activation", {"function": {"rectifier": {}}}, ["sum"]),
        node("pool", "MaxPool", {"geometry": pooling}, ["relu"]),
        node("flat", "Flatten", {"axis": 1}, ["pool"]),
        node("fc", "Linear", {}, ["flat"], "fc.weight", "fc.bias"),
    ]
    return {"input": [3, 4, 4], "nodes": nodes, "aliases": {"scores": "fc"}}


def main():
    kinds = {"a": ("F16", 2), "b": ("BF16", 1, 2), "c": ("F64",), "d": ("I8", 3), "e": ("BOOL", 0)}
    safetensors("safetensors/types.safetensors", kinds)
    weights = {"conv.weight": ("F16", 2, 3, 3, 3), "shift": ("F16", 2, 1, 1),
               "fc.weight": ("F16", 2, 8), "fc.bias": ("F16", 2)}
    preprocessing = {"channelOrder": "rgb", "deviation": [1, 1, 1], "input": [3, 4, 4],
                     "mean": [0, 0, 0], "resize": {"exact": {}}, "scale": 1}
    safetensors("checkpoint/graph.safetensors", weights, {
        "fovea.graph": graph(), "fovea.classes": ["cat", "dog"],
        "fovea.preprocessing": preprocessing})
    small = {"conv1.weight": ("F16", 6, 1, 5, 5), "conv1.bias": ("F16", 6)}
    safetensors("checkpoint/design.safetensors", small, {
        "fovea.network": {"architecture": "lenet5", "classes": 10, "input": [1, 28, 28]}})
    texts = {
        "safetensors-index/index.json":
            '{"metadata": {"total_size": 8}, "weight_map": {"a": "m-1.safetensors"}}',
        "class-names/lines.txt": "n01440764 tench, Tinca tinca\nn01443537 goldfish\n",
        "class-names/table.csv": 'index,name\n1,"goldfish, ""gold"""\n0,tench\n',
        "class-names/numbers.json": '{"id2label": {"0": ["n01440764", "tench"], "1": "goldfish"}}',
    }
    for name, text in texts.items():
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    main()
