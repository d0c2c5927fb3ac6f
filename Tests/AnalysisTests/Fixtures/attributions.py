"""Makes attributions-*.safetensors: attributions by Captum, zennit and pytorch-grad-cam of small
random networks, in double precision, with the networks' weights.

    pip install torch captum zennit grad-cam safetensors
    python attributions.py

Each file holds the weights by their names in the module, `input`, `target`, and the maps.
`AttributionReferenceTests.swift` builds the same graphs.
"""

import numpy
import torch
from captum.attr import GuidedGradCam, InputXGradient, IntegratedGradients
from pytorch_grad_cam import GradCAM, GradCAMPlusPlus, LayerCAM
from safetensors.torch import save_file
from torch import nn
from zennit.canonizers import SequentialMergeBatchNorm
from zennit.composites import EpsilonAlpha2Beta1Flat, EpsilonGammaBox, EpsilonPlusFlat
from zennit.layer import Sum
from zennit.rules import Pass


class Residual(nn.Module):
    """Batch norm, an addition, an average pool, a global average pool."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1, bias=False)
        self.bn0 = nn.BatchNorm2d(6)
        self.relu0 = nn.ReLU()
        self.conv1 = nn.Conv2d(6, 6, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(6)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(6)
        self.sum = Sum()
        self.relu2 = nn.ReLU()
        self.pool = nn.AvgPool2d(2)
        self.conv3 = nn.Conv2d(6, 8, 3)
        self.relu3 = nn.ReLU()
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.relu0(self.bn0(self.stem(x)))
        y = self.bn2(self.conv2(self.relu1(self.bn1(self.conv1(x)))))
        x = self.relu2(self.sum(torch.stack([x, y], -1)))
        x = self.relu3(self.conv3(self.pool(x)))
        return self.fc(self.gap(x).flatten(1))

    def last(self):
        return self.relu3


class Branches(nn.Module):
    """Local response norm, a max pool, concatenation, a depthwise convolution, hard-swish."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 5, stride=2, padding=2)
        self.relu1 = nn.ReLU()
        self.norm = nn.LocalResponseNorm(3, alpha=0.3, beta=0.75, k=1.5)
        self.pool1 = nn.MaxPool2d(2, stride=1)
        self.a = nn.Conv2d(8, 4, 1)
        self.swish = nn.Hardswish()
        self.b = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.AvgPool2d(2)
        self.fc1 = nn.Linear(108, 12)
        self.bn = nn.BatchNorm1d(12)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(12, 4)

    def forward(self, x):
        x = self.pool1(self.norm(self.relu1(self.conv1(x))))
        x = torch.cat([self.swish(self.a(x)), self.relu2(self.b(x))], 1)
        x = self.pool2(x).flatten(1)
        return self.fc2(self.relu3(self.bn(self.fc1(x))))

    def last(self):
        return self.pool2


class Transposed(nn.Module):
    """A transposed convolution, a leaky ReLU, a max pool, an overlapping average pool."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, stride=2)
        self.relu1 = nn.LeakyReLU(0.1)
        self.up = nn.ConvTranspose2d(6, 4, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.relu2 = nn.ReLU()
        self.pool1 = nn.AvgPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(4, 6, 3, groups=2)
        self.relu3 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.fc = nn.Linear(24, 3)

    def forward(self, x):
        x = self.relu2(self.bn(self.up(self.relu1(self.conv1(x)))))
        x = self.pool2(self.relu3(self.conv2(self.pool1(x))))
        return self.fc(x.flatten(1))

    def last(self):
        return self.pool2


LOW = torch.tensor([-2.0, -2.5, -1.75], dtype=torch.float64).reshape(1, 3, 1, 1)
HIGH = torch.tensor([2.0, 2.25, 3.0], dtype=torch.float64).reshape(1, 3, 1, 1)


def module(kind, seed):
    torch.manual_seed(seed)
    model = kind()
    for part in model.modules():
        if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
            nn.init.normal_(part.weight, 1, 0.2)
            nn.init.normal_(part.bias, 0, 0.2)
            nn.init.normal_(part.running_mean, 0, 0.2)
            nn.init.uniform_(part.running_var, 0.2, 1.5)
        elif isinstance(part, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            nn.init.normal_(part.weight, 0, (2 / part.weight[0].numel()) ** 0.5)
            if part.bias is not None:
                nn.init.normal_(part.bias, 0, 0.1)
    # Great gradients, beside which pytorch-grad-cam's 1e-6 in a denominator is nothing.
    list(model.children())[-1].weight.data *= 100
    return model.double().eval()


def class_activation(kind, model, x, target):
    cam = kind(model, [model.last()])
    scores = cam.activations_and_grads(x)
    scores.gather(1, target[:, None]).sum().backward()
    activations, gradients = (
        part[0].detach().numpy()
        for part in (cam.activations_and_grads.activations, cam.activations_and_grads.gradients)
    )
    image = cam.get_cam_image(x, model.last(), None, activations, gradients, False)
    cam.activations_and_grads.release()
    return torch.tensor(numpy.maximum(image, 0))[:, None]


def relevance(composite, kind, seed, x, target):
    model = module(kind, seed)
    x = x.clone().requires_grad_()
    with composite.context(model) as changed:
        scores = changed(x)
        start = scores.detach() * nn.functional.one_hot(target, scores.shape[1])
        return torch.autograd.grad(scores, x, start)[0]


def write(kind, seed):
    model = module(kind, seed)
    x = torch.randn(2, 3, 14, 14, dtype=torch.float64).clamp(-1.7, 1.9)
    target = torch.tensor([1, 2])
    tensors = {k: v for k, v in model.state_dict().items() if v.is_floating_point()}
    tensors |= {"input": x, "target": target, "scores": model(x).detach()}
    tensors["gradient-times-input"] = InputXGradient(model).attribute(x, target=target)
    for name, baseline in [("", 0.0), (".baseline", 0.5)]:
        tensors["integrated-gradients" + name] = IntegratedGradients(model).attribute(
            x, baselines=baseline, target=target, n_steps=50, method="riemann_middle"
        )
    tensors["grad-cam"] = class_activation(GradCAM, model, x, target)
    tensors["grad-cam++"] = class_activation(GradCAMPlusPlus, model, x, target)
    tensors["layer-cam"] = class_activation(LayerCAM, model, x, target)
    tensors["guided-grad-cam"] = GuidedGradCam(model, model.last()).attribute(
        x, target=target, interpolate_mode="bilinear"
    )
    merged = [SequentialMergeBatchNorm()]
    more = [(nn.LocalResponseNorm, Pass())]
    for name, composite in [
        ("lrp-epsilon-plus-flat", EpsilonPlusFlat(canonizers=merged, layer_map=more)),
        ("lrp-epsilon-gamma-box", EpsilonGammaBox(LOW, HIGH, canonizers=merged, layer_map=more)),
        ("lrp-epsilon-alpha2-beta1-flat", EpsilonAlpha2Beta1Flat(canonizers=merged, layer_map=more)),
    ]:
        tensors[name] = relevance(composite, kind, seed, x, target)
    file = f"attributions-{kind.__name__.lower()}.safetensors"
    save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, file)


for seed, kind in enumerate([Residual, Branches, Transposed]):
    write(kind, seed)
