"""Computes the reference values for the tests of the architectures.

    python make_torchvision.py > torchvision.json
    python make_torchvision.py --networks FOLDER [NAME...]

The first writes a line for each network: hashes of its parameters' names and shapes, published
numbers, and the outputs that weights by a formula give. The formula is also in
`FormulaWeights.swift`, so that the weights need not be kept. The second writes whole networks with
random weights (`NAME.safetensors`), with a picture and its class scores beside them
(`NAME.expected.safetensors`); the tests look for them in the folder that FOVEA_TORCHVISION names.

Made with torch 2.15.0 and torchvision 0.29.2.
"""

import json
import math
import sys
import warnings

import numpy as np
import torch
import torchvision
from torch import nn

NAMES = """
    alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn
    resnet18 resnet34 resnet50 resnet101 resnet152 wide_resnet50_2 resnext50_32x4d
    squeezenet1_0 squeezenet1_1 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large
    densenet121 densenet161 densenet169 densenet201 googlenet inception_v3 shufflenet_v2_x1_0
    efficientnet_b0 mnasnet1_0 regnet_y_400mf convnext_tiny
    resnet20 resnet32 resnet44 resnet56 resnet110
""".split()
CIFAR_NAMES = ["resnet20", "resnet32", "resnet44", "resnet56", "resnet110"]
# What the files contain, but the networks here do not have.
UNUSED = ("aux1.", "aux2.", "AuxLogits.")


class CIFARBlock(nn.Module):
    """Two layers beside a shortcut without weights (He et al. 2016, option A)."""

    def __init__(self, channels, filters):
        super().__init__()
        self.added = filters - channels
        stride = 2 if self.added else 1
        self.conv1 = nn.Conv2d(channels, filters, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(filters)

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        if self.added:
            zeros = torch.zeros(x.shape[0], self.added // 2, *y.shape[2:])
            x = torch.cat([zeros, x[:, :, ::2, ::2], zeros], 1)
        return torch.relu(y + x)


class CIFARResNet(nn.Module):
    def __init__(self, depth, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        channels = 16
        for stage, filters in enumerate([16, 32, 64]):
            blocks = []
            for _ in range((depth - 2) // 6):
                blocks.append(CIFARBlock(channels, filters))
                channels = filters
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, num_classes)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean([2, 3]))


def network(name, classes):
    if name in CIFAR_NAMES:
        return CIFARResNet(int(name.removeprefix("resnet")), classes).eval()
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    model = torchvision.models.get_model(name, weights=None, num_classes=classes, **options)
    return model.eval()


def usual_side(name):
    return 32 if name in CIFAR_NAMES else 299 if name == "inception_v3" else 224


def small_side(name):
    """The fewest positions that the network takes; odd, so that rounding matters."""
    if name == "alexnet" or name.startswith("vgg"):
        return 224  # Their adaptive pooling is exact if the windows are equal.
    return 32 if name in CIFAR_NAMES else 139 if name == "inception_v3" else 75


def tensors(model):
    """Names and tensors of a state dict, in alphabetical order of the names."""
    return {
        name: tensor
        for name, tensor in sorted(model.state_dict().items())
        if not name.endswith("num_batches_tracked") and not name.startswith(UNUSED)
    }


# The formula.


def hashed(data):
    """FNV-1a in 64 bits."""
    value = 0xCBF29CE484222325
    for byte in data.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def uniform(name, count):
    """Numbers from -1 to 1: SplitMix64 from the name's hash. They repeat after 8191."""
    steps = np.arange(1, min(count, 8191) + 1, dtype=np.uint64)
    state = np.uint64(hashed(name)) + steps * np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    state ^= state >> np.uint64(31)
    values = (state >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)
    return np.resize(values, count)


def formula(name, shape, gain):
    """He's uniform weights, small biases and means, scales and variances from 0.75 to 1.25."""
    values = uniform(name, math.prod(shape))
    if name.endswith((".bias", ".running_mean")):
        values *= np.float32(0.1)
    elif name.endswith(".weight") and len(shape) > 1:
        values *= np.float32(math.sqrt(6 / math.prod(shape[1:])))
    else:
        values = np.float32(1) + np.float32(0.25) * values
        if name.endswith(".weight"):
            values *= np.float32(gain)
    return torch.from_numpy(values.reshape(shape))


@torch.no_grad()
def fill(model, gain):
    for name, tensor in tensors(model).items():
        tensor.copy_(formula(name, tuple(tensor.shape), gain))


def picture(side):
    return torch.from_numpy(uniform("input", 3 * side * side).reshape(1, 3, side, side))


@torch.no_grad()
def run(model, side):
    """The class scores, and the mean magnitude after each module that has parameters."""
    magnitudes = {}
    for name, module in model.named_modules():
        if not name.startswith(UNUSED) and not list(module.children()) and list(module.parameters()):
            module.register_forward_hook(
                lambda module, inputs, output, name=name: magnitudes.__setitem__(
                    name, output.double().abs().mean().item()
                )
            )
    scores = model(picture(side))[0]
    for module in model.modules():
        module._forward_hooks.clear()
    return scores, [value for _, value in sorted(magnitudes.items())]


def gradient(model, side):
    """The gradient of the first score with respect to the picture, in double precision."""
    pixels = picture(side).double().requires_grad_()
    model.double()(pixels)[0, 0].backward()
    return pixels.grad.flatten()


def balanced(model, side):
    """The scale of normalizations that keeps magnitudes from growing or vanishing through the layers."""
    low, high = 0.25, 4.0
    for _ in range(7):
        gain = math.sqrt(low * high)
        fill(model, gain)
        if run(model, side)[0].std() > 0.5:
            high = gain
        else:
            low = gain
    return round(gain, 3)


def described(name):
    full = network(name, 10 if name in CIFAR_NAMES else 1000)
    listed = tensors(full)
    weights = None if name in CIFAR_NAMES else torchvision.models.get_model_weights(name)
    signature = "".join(f"{n} {list(t.shape)}\n" for n, t in listed.items())
    side = small_side(name)
    model = network(name, 10)
    gain = balanced(model, side)
    fill(model, gain)
    scores, magnitudes = run(model, side)
    slopes = gradient(model, side)
    return {
        "name": name,
        "tensors": len(listed),
        "signature": f"{hashed(signature):016x}",
        "learned": sum(t.numel() for n, t in listed.items() if ".running_" not in n),
        "billions": weights.DEFAULT.meta["_ops"] if weights else None,
        "side": side,
        "gain": gain,
        "scores": [float(f"{x:.7g}") for x in scores.tolist()],
        "gradient": [float(f"{x:.6g}") for x in slopes[:: len(slopes) // 24][:24].tolist()],
        "steepness": slopes.abs().mean().item(),
        "magnitudes": [float(f"{x:.6g}") for x in magnitudes],
    }


@torch.no_grad()
def write_network(name, folder):
    from safetensors.torch import save_file

    torch.manual_seed(len(name))
    model = network(name, 10 if name in CIFAR_NAMES else 1000)
    for module in model.modules():
        # With the usual initializations, signals vanish in some networks; with these, every layer matters.
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.75, 1.25)
            module.weight.uniform_(0.75, 1.25)
            module.bias.uniform_(-0.1, 0.1)
    pixels = torch.randn(1, 3, usual_side(name), usual_side(name))
    save_file(model.state_dict(), f"{folder}/{name}.safetensors")
    expected = {"input": pixels, "logits": model(pixels)}
    save_file(expected, f"{folder}/{name}.expected.safetensors")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == ["--networks"]:
        for name in sys.argv[3:] or NAMES:
            write_network(name, sys.argv[2])
    else:
        lines = []
        for name in NAMES:
            lines.append(json.dumps(described(name)))
            print(name, file=sys.stderr)
        print("[\n" + ",\n".join(lines) + "\n]")
