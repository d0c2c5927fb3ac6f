"""What `fovea patches --project deconvnet --crop field` does, in PyTorch: the nine strongest patches
of units of torchvision's GoogLeNet over a folder, each beside its projection by a deconvnet.
usage: projections.py GOOGLENET.pth PICTURES OUT_DIR UNITS"""
import pathlib, sys, types
import numpy, torch, torchvision
from PIL import Image

torch.set_num_threads(2)
weights, folder, out, wanted = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
out.mkdir(parents=True, exist_ok=True)


class Rectifier(torch.autograd.Function):
    """A ReLU whose gradient is rectified, whatever its input (Zeiler and Fergus 2014)."""

    @staticmethod
    def forward(context, x):
        return x.clamp_min(0)

    @staticmethod
    def backward(context, signal):
        return signal.clamp_min(0)


torchvision.models.googlenet.__globals__["F"] = types.SimpleNamespace(
    relu=lambda x, inplace=False: Rectifier.apply(x), dropout=torch.nn.functional.dropout)
model = torchvision.models.googlenet(weights=None, init_weights=False).eval()
model.load_state_dict(torch.load(weights))
layers = ["conv1", "conv3", "inception3b", "inception4e", "inception5b"]
kept = {}
for name in layers:
    getattr(model, name).register_forward_hook(
        lambda module, inputs, output, name=name: kept.__setitem__(name, output))
prepare = torchvision.transforms.Compose([
    torchvision.transforms.Resize(256), torchvision.transforms.CenterCrop(224),
    torchvision.transforms.ToTensor(),
    torchvision.transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))])
files = sorted(p for p in pathlib.Path(folder).iterdir() if p.suffix.lower() in (".jpg", ".jpeg"))


class Pictures(torch.utils.data.Dataset):
    def __len__(self):
        return len(files)

    def __getitem__(self, index):
        return prepare(Image.open(files[index]).convert("RGB")), index


best = {}
with torch.no_grad():
    for images, indices in torch.utils.data.DataLoader(Pictures(), batch_size=32):
        model(images)
        for name in layers:
            values, places = kept[name].flatten(2).max(2)
            pictures = indices[:, None].expand_as(values)
            if name in best:
                values, places, pictures = (
                    torch.cat([old, new]) for old, new in zip(best[name], (values, places, pictures)))
            top = values.topk(min(9, len(values)), dim=0).indices
            best[name] = tuple(x.gather(0, top) for x in (values, places, pictures))

shown = {}
for name in layers:
    values, places, pictures = best[name]
    units = [i * values.shape[1] // wanted for i in range(wanted)]
    for unit in units:
        for rank in range(len(values)):
            if values[rank, unit] > 0:
                shown.setdefault(int(pictures[rank, unit]), []).append(
                    (name, unit, rank, int(places[rank, unit])))
fields = {"conv1": 7, "conv3": 19, "inception3b": 91, "inception4e": 427, "inception5b": 715}
sheets = {name: Image.new("RGB", (8 * 350, -(-wanted // 8) * 180), "white") for name in layers}
for picture, places in shown.items():
    image = prepare(Image.open(files[picture]).convert("RGB"))[None].requires_grad_()
    model(image)
    outputs = dict(kept)
    photograph = ((image[0].detach().permute(1, 2, 0).numpy() * (0.229, 0.224, 0.225)
                   + (0.485, 0.456, 0.406)) * 255).clip(0, 255).astype("uint8")
    for name, unit, rank, place in places:
        maps = outputs[name]
        row, column = divmod(place, maps.shape[3])
        (projection,) = torch.autograd.grad(maps[0, unit, row, column], image, retain_graph=True)
        projection = projection[0].permute(1, 2, 0).numpy()
        end = max(numpy.percentile(abs(projection), 99.5), 1e-30)
        drawn = ((projection / end).clip(-1, 1) * 127.5 + 127.5).astype("uint8")
        stride, half = 224 / maps.shape[3], fields[name] // 2
        y, x = int((row + 0.5) * stride), int((column + 0.5) * stride)
        box = (max(x - half, 0), max(y - half, 0), min(x + half + 1, 224), min(y + half + 1, 224))
        index = [i * maps.shape[1] // wanted for i in range(wanted)].index(unit)
        left, top = 350 * (index % 8) + 57 * (rank % 3), 180 * (index // 8) + 57 * (rank // 3)
        for offset, pixels in ((0, photograph), (174, drawn)):
            sheets[name].paste(
                Image.fromarray(pixels).crop(box).resize((56, 56)), (left + offset, top))
for name, sheet in sheets.items():
    sheet.save(out / f"{name}.png")
