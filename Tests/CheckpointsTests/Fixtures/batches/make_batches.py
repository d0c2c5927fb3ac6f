"""Small networks with random weights that move the batch axis away from the front, as written by
PyTorch's two exporters, with onnxruntime's outputs for pictures given by a formula.

usage: make_batches.py   (needs torch, torchvision, onnx, onnxruntime, onnxscript and safetensors)
"""
import contextlib, io, os, pathlib, warnings
import numpy as np, onnx, onnxruntime, torch, torchvision
import torch.nn as nn, torch.nn.functional as F
from safetensors.numpy import save_file

warnings.filterwarnings("ignore")
os.environ["TORCH_LOGS"] = ""
torch.manual_seed(7)
here = pathlib.Path(__file__).parent
expected = {}


def pictures(shape):
    """sin(0.7 i + 0.3), as in the tests."""
    return np.sin(0.7 * np.arange(np.prod(shape), dtype=np.float64) + 0.3).astype(np.float32).reshape(shape)


def export(name, network, shape, dynamic=False, exporters="ab", runs=None):
    """a: TorchScript, b: torch.export. `runs`: the numbers of pictures that onnxruntime is run with."""
    network.eval()
    example = torch.from_numpy(pictures(shape))
    for exporter in exporters:
        path = here / f"{name}.{exporter}.onnx"
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            if exporter == "a":
                axes = {"x": {0: "N"}} if dynamic else None
                torch.onnx.export(network, (example,), path, dynamo=False, opset_version=17,
                                  input_names=["x"], output_names=["y"], dynamic_axes=axes)
            else:
                shapes = ({0: torch.export.Dim("N", min=1, max=64)},) if dynamic else None
                torch.onnx.export(network, (example,), path, dynamo=True, external_data=False,
                                  dynamic_shapes=shapes)
        model = onnx.load(path)
        for node in model.graph.node:
            node.ClearField("doc_string")
            del node.metadata_props[:]
        del model.graph.value_info[:]
        del model.graph.metadata_props[:]
        onnx.save(model, path)
        session = onnxruntime.InferenceSession(path)
        images = pictures([runs or shape[0], *shape[1:]])
        expected[path.name] = session.run(None, {session.get_inputs()[0].name: images})[0]
        print(path.name, path.stat().st_size, expected[path.name].shape)


class Tokens(nn.Module):
    """A vision transformer's patches, class token and position embedding, with the positions or the
    pictures first."""

    def __init__(self, batch_first):
        super().__init__()
        self.batch_first = batch_first
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.places = nn.Parameter(torch.randn(1, 5, 8))
        self.layer = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, batch_first=batch_first)
        self.scores = nn.Linear(8, 4)

    def forward(self, x):
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(x.shape[0], -1, -1), tokens], 1) + self.places
        if self.batch_first:
            return self.scores(self.layer(tokens)[:, 0])
        return self.scores(self.layer(tokens.transpose(0, 1))[0])


class NonLocal(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.q, self.k, self.v = nn.Conv2d(3, 6, 3, 2, 1), nn.Conv2d(6, 3, 1), nn.Conv2d(6, 3, 1), nn.Conv2d(6, 6, 1)
        self.f = nn.Linear(6, 4)

    def forward(self, x):
        x = self.c(x)
        b, c, h, w = x.shape
        a = torch.softmax(torch.bmm(self.q(x).view(b, -1, h * w).permute(0, 2, 1), self.k(x).view(b, -1, h * w)), -1)
        return self.f((torch.bmm(self.v(x).view(b, -1, h * w), a.permute(0, 2, 1)).view(b, c, h, w) + x).mean((2, 3)))


class Shuffle(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.g, self.f = nn.Conv2d(3, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, groups=4, padding=1), nn.Linear(8, 4)

    def forward(self, x):
        a, b = self.g(self.c(x).relu()).chunk(2, 1)
        return self.f(torch.stack([b, a], 2).flatten(1, 2).mean((2, 3)))


class ChannelsLast(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.n, self.f = nn.Conv2d(3, 6, 3, 2, 1), nn.LayerNorm(6), nn.Linear(6, 4)

    def forward(self, x):
        y = self.n(self.c(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        return self.f(F.gelu(y).mean((1, 2)))


class Squeezed(nn.Module):
    """Loses the batch axis along the way, as for a single picture."""

    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(3, 6, 3, 2), nn.Linear(6, 4)

    def forward(self, x):
        return self.f(self.c(x).relu().mean((2, 3), keepdim=True).squeeze()).reshape(-1, 4)


class OneRow(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(3, 4, 3, 2, 1), nn.Linear(64, 4)

    def forward(self, x):
        return self.f(self.c(x).relu().view(1, -1))


class ByTheBatch(nn.Module):
    """Standardizes over all pictures together, so that they cannot be told apart."""

    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(3, 4, 3, 2, 1), nn.Linear(4, 4)

    def forward(self, x):
        y = self.c(x)
        return self.f((y / y.abs().mean()).relu().mean((2, 3)))


class FirstPicture(nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.f = nn.Conv2d(3, 4, 3, 2, 1), nn.Linear(4, 4)

    def forward(self, x):
        return self.f(self.c(x).relu()[0].mean((1, 2))).unsqueeze(0)


swin = torchvision.models.SwinTransformer(patch_size=[2, 2], embed_dim=8, depths=[1, 1], num_heads=[2, 2], window_size=[2, 2], num_classes=4)
export("tokens-first", Tokens(True), [1, 3, 8, 8])
export("tokens-first-any", Tokens(True), [2, 3, 8, 8], dynamic=True, runs=3)
export("tokens-first-of-two", Tokens(True), [2, 3, 8, 8])
export("positions-first", Tokens(False), [1, 3, 8, 8])
export("positions-first-any", Tokens(False), [2, 3, 8, 8], dynamic=True, exporters="b", runs=3)
export("positions-first-of-two", Tokens(False), [2, 3, 8, 8])
export("windows", swin, [1, 3, 8, 8], exporters="b")
export("non-local", NonLocal(), [1, 3, 8, 8])
export("non-local-of-four", NonLocal(), [4, 3, 8, 8])
export("shuffle", Shuffle(), [1, 3, 8, 8])
export("shuffle-of-four", Shuffle(), [4, 3, 8, 8])
export("channels-last", ChannelsLast(), [1, 8, 8, 3])
export("squeezed", Squeezed(), [1, 3, 8, 8])
export("one-row", OneRow(), [1, 3, 8, 8])
export("by-the-batch", ByTheBatch(), [1, 3, 8, 8])
export("by-the-batch-of-two", ByTheBatch(), [2, 3, 8, 8], exporters="a")
export("first-picture", FirstPicture(), [1, 3, 8, 8])
save_file(expected, here / "expected.safetensors")
