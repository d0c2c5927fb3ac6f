"""Makes the pictures in this folder: small, synthetic, with the pixels that Pillow decodes.

Run with Python 3, Pillow 13.0 and libturbojpeg 2 or 3 (for the YCCK file, which Pillow cannot
write). `NAME.jpg` is the input, `NAME.expected.png` what Pillow decodes from it;
`pattern-WxH.png` is Pillow's BILINEAR of `pattern.png`.
"""

import ctypes
import ctypes.util
import math
import pathlib

from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent


def pattern(width, height, alpha=False):
    """Waves of three frequencies: smooth in some places, sharp in others, and never symmetric."""

    def wave(value):
        return int(127.5 + 127.5 * math.sin(value))

    image = Image.new("RGBA", (width, height))
    for y in range(height):
        for x in range(width):
            image.putpixel(
                (x, y),
                (
                    wave(x * x / 190),
                    wave(y * 0.31 + x * 0.05),
                    wave(x * y / 55),
                    wave(x * 0.2 - y * 0.17) if alpha else 255,
                ),
            )
    return image


def expected(name, image):
    image.convert("RGB").save(here / f"{name}.expected.png", optimize=True)


def save(name, image, **options):
    path = here / f"{name}.jpg"
    image.save(path, quality=90, **options)
    expected(name, ImageOps.exif_transpose(Image.open(path)))


rgb = pattern(37, 29).convert("RGB")
save("color-420", rgb, subsampling="4:2:0")
save("color-444-progressive", rgb, subsampling="4:4:4", progressive=True)
save("gray", rgb.convert("L"))
cmyk = Image.merge(
    "CMYK", [*rgb.split(), rgb.transpose(Image.Transpose.ROTATE_180).split()[1].point(lambda v: v // 2)]
)
save("cmyk", cmyk)
exif = Image.Exif()
exif[0x0112] = 6
save("turned-right", rgb, exif=exif)

# YCCK through TurboJPEG, which takes Adobe's inverted CMYK as it is.
turbo = ctypes.CDLL(ctypes.util.find_library("turbojpeg"))
turbo.tjInitCompress.restype = ctypes.c_void_p
bytes_ = cmyk.point(lambda v: 255 - v).tobytes()
buffer, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong(0)
TJPF_CMYK, TJSAMP_444 = 11, 0
status = turbo.tjCompress2(
    ctypes.c_void_p(turbo.tjInitCompress()), bytes_, 37, 0, 29, TJPF_CMYK,
    ctypes.byref(buffer), ctypes.byref(size), TJSAMP_444, 90, 0,
)
assert status == 0
(here / "ycck.jpg").write_bytes(bytes(buffer[: size.value]))
expected("ycck", Image.open(here / "ycck.jpg"))

shape = pattern(61, 47, alpha=True)
shape.save(here / "pattern.png", optimize=True)
for width, height in [(23, 18), (97, 75), (9, 40), (61, 11)]:
    shape.resize((width, height), Image.Resampling.BILINEAR).save(
        here / f"pattern-{width}x{height}.png", optimize=True
    )
