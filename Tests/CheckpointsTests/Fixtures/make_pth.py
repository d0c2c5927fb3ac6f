"""Writes the .pth files of this folder; run it with a Python that has torch and numpy.

    python make_pth.py

The numbers are integers and follow a rule, so that the tests can compute them.
"""

import argparse
import io
import os
import pathlib
import pickle
import zipfile

import numpy
import torch

FOLDER = pathlib.Path(__file__).parent


def save(content, name, older=True, **options):
    """Writes both formats; the older one has -older in its name."""
    torch.save(content, FOLDER / f"{name}.pth", **options)
    if older:
        torch.save(content, FOLDER / f"{name}-older.pth", _use_new_zipfile_serialization=False)


def types():
    numbers = torch.tensor([[0, 1, 2], [3, 4, 100]])
    kinds = "float16 bfloat16 float32 float64 int8 uint8 int16 int32 int64 bool".split()
    return {kind: numbers.to(getattr(torch, kind)) for kind in kinds}


def views():
    """The numbers 0 to 119 in many views."""
    numbers = torch.arange(120, dtype=torch.float32)
    block = numbers.reshape(2, 3, 4, 5)
    return {
        "whole": block,
        "transposed": numbers.reshape(10, 12).t(),
        "channels_last": block.permute(0, 2, 3, 1),
        "rows": numbers.reshape(10, 12)[3:5],
        "columns": numbers.reshape(10, 12)[:, 2:12:3],
        "expanded": numbers[7:9].reshape(2, 1).expand(2, 4),
        "scalar": numbers[42],
        "empty": numbers[5:5],
        "diagonal": numbers.reshape(10, 12).diagonal(),
    }


def lenet5():
    """LeNet-5's parameters, all of them parts of one storage of 1000 numbers."""
    numbers = torch.sin(torch.arange(1000, dtype=torch.float32)) / 16

    def part(offset, *sizes):
        strides = [1]
        for size in reversed(sizes[1:]):
            strides.insert(0, strides[0] * size if strides[0] * size < 50 else 1)
        return numbers.as_strided(sizes, strides, offset)

    return {
        "conv1.weight": part(0, 6, 1, 5, 5),
        "conv1.bias": part(150, 6),
        "conv2.weight": part(160, 16, 6, 5, 5),
        "conv2.bias": part(330, 16),
        "fc3.weight": part(350, 120, 400),
        "fc3.bias": part(870, 120),
        "fc4.weight": part(100, 84, 120),
        "fc4.bias": part(20, 84),
        "fc5.weight": part(400, 10, 84),
        "fc5.bias": part(500, 10),
    }


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(1, 2, 3)

    def forward(self, x):
        return self.conv(x)


class Command:
    def __reduce__(self):
        return os.system, ("echo this must not run",)


def training():
    """What training scripts store besides the weights."""
    model = torch.nn.Linear(2, 3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
    return {
        "epoch": 90,
        "arch": "linear",
        "args": argparse.Namespace(lr=0.1, path=pathlib.PosixPath("data")),
        "best_accuracy": numpy.float64(0.75),
        "history": [0.5, 0.25, {"loss": (1, 2**70, None, True)}],
        "array": numpy.arange(3),
        "names": {"cat", "dog"},
        "raw": b"bytes",
        "state_dict": {f"module.{key}": value for key, value in model.state_dict().items()},
        "parameters": list(model.parameters()),
        "optimizer": optimizer.state_dict(),
    }


def deflated():
    plain = io.BytesIO()
    torch.save(views(), plain)
    with zipfile.ZipFile(plain) as source:
        with zipfile.ZipFile(FOLDER / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)


def script():
    """A TorchScript module without the debugging files, which contain paths of this machine."""
    whole = io.BytesIO()
    torch.jit.save(torch.jit.script(Net()), whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(FOLDER / "script.pt", "w") as target:
        for name in source.namelist():
            if not name.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(name), source.read(name))


def main():
    torch.manual_seed(0)
    # The older format would store the source code of a module's classes, with their paths.
    torch.serialization.get_source_lines_and_file = None
    save(types(), "types")
    save({"e4m3": torch.tensor([0.5, -3.5]).to(torch.float8_e4m3fn),
          "e5m2": torch.tensor([0.5, -3.5]).to(torch.float8_e5m2)}, "float8")
    save(views(), "views")
    save(views(), "protocol4", older=False, pickle_protocol=4)
    save(lenet5(), "lenet5")
    save(training(), "training")
    save({f"_orig_mod.{key}": value for key, value in lenet5().items()}, "compiled", older=False)
    averaged = {"n_averaged": torch.tensor(7)}
    averaged |= {f"module.{key}": value for key, value in lenet5().items()}
    save({"model_ema": averaged, "epoch": 1}, "averaged", older=False)
    save({"generator": types(), "discriminator": types()}, "two", older=False)
    save({"epoch": 3, "loss": 0.5}, "no-weights", older=False)
    save(torch.ones(3), "one-tensor", older=False)
    save(Net(), "whole-module")
    save({"model": Net().conv, "epoch": 1}, "inner-module", older=False)
    save({"weight": torch.ones(2), "extra": Command()}, "command")
    save({"weight": torch.quantize_per_tensor(torch.ones(2), 0.5, 1, torch.qint8)}, "quantized",
         older=False)
    save({"weight": torch.ones(2, dtype=torch.complex64)}, "complex", older=False)
    save({"weight": torch.eye(2).to_sparse()}, "sparse", older=False)
    deflated()
    script()
    with open(FOLDER / "plain-pickle.pkl", "wb") as file:
        pickle.dump({"weight": [1.0, 2.0]}, file, protocol=2)


if __name__ == "__main__":
    main()
