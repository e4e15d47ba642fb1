"""Writes the pictures that the tests of decode read, and stills.json: what Pillow says of each.

usage: python3 make.py, in this folder, with Pillow >= 9.4 and NumPy. The files are committed; another Pillow may write other bytes.
"""
import base64
import io
import json
import struct

import numpy as np
from PIL import Image

W, H = 33, 22  # odd and no multiple of a block

y, x = np.mgrid[0:H, 0:W].astype(np.float64)
rgb = np.stack([120 + 90 * np.sin(x / 9) * np.cos(y / 7), 40 + 5 * x + y, 220 - 6 * y - x], -1)
rgb[5:12, 8:20] += 50  # an edge, but none of colour: how that is interpolated differs from library to library
picture = Image.fromarray(rgb.clip(0, 255).astype(np.uint8))
alpha = Image.fromarray((7 * x).clip(0, 255).astype(np.uint8))
deep = np.minimum(65535, rgb.clip(0, 255) * 257 + 100).astype(">u2")
cases = []


def add(name, data, tolerance=0.0, expected=None, orientation=1):
    """tolerance: mean absolute difference in grey levels; expected: what Pillow cannot say itself."""
    with open(name, "wb") as f:
        f.write(data)
    if expected is None:
        expected = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = expected.size
    cases.append({"name": name, "width": width, "height": height, "tolerance": tolerance, "orientation": orientation,
                  "rgb": base64.b64encode(expected.tobytes()).decode()})


def saved(image, form, **options):
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def exif(orientation):
    e = Image.Exif()
    e[274] = orientation
    return e.tobytes()


def chunk(name, body):
    import zlib
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def deep_png(samples, colour):
    import zlib
    rows = b"".join(b"\0" + row.tobytes() for row in samples)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, colour, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


add("420.jpg", saved(picture, "JPEG", quality=92), 2.5)
add("444.jpg", saved(picture, "JPEG", quality=92, subsampling=0), 1)
add("422.jpg", saved(picture, "JPEG", quality=92, subsampling=1), 2.5)
add("progressive.jpg", saved(picture, "JPEG", quality=92, progressive=True), 2.5)
add("grey.jpg", saved(picture.convert("L"), "JPEG", quality=92), 1)
add("cmyk.jpg", saved(picture.convert("CMYK"), "JPEG", quality=92), 2)
for o in range(1, 9):
    add(f"orientation{o}.jpg", saved(picture, "JPEG", quality=92, exif=exif(o)), 2.5, orientation=o)
add("rgb.png", saved(picture, "PNG"))
add("grey.png", saved(picture.convert("L"), "PNG"))
add("bits.png", saved(picture.convert("1"), "PNG"))
add("palette.png", saved(picture.quantize(40), "PNG"))
add("palette4.png", saved(picture.quantize(9), "PNG", bits=4))
add("alpha.png", saved(Image.merge("RGBA", [*picture.split(), alpha]), "PNG"))
add("greyalpha.png", saved(Image.merge("LA", [picture.convert("L"), alpha]), "PNG"))
add("clear.png", saved(picture.quantize(40), "PNG", transparency=3))
add("deep.png", deep_png(deep, 2))
high = (deep[..., 1] >> 8).astype(np.uint8)  # Pillow clips grey samples of 16 bits instead
add("deepgrey.png", deep_png(deep[..., 1], 0), expected=Image.fromarray(np.stack([high] * 3, -1)))
add("orientation6.png", saved(picture, "PNG", exif=exif(6)), orientation=6)
add("lossy.webp", saved(picture, "WEBP", quality=92), 2.5)
add("lossless.webp", saved(picture, "WEBP", lossless=True))
add("alpha.webp", saved(Image.merge("RGBA", [*picture.split(), alpha]), "WEBP", quality=92), 2.5)
add("alphalossless.webp", saved(Image.merge("RGBA", [*picture.split(), alpha]), "WEBP", lossless=True, exact=True))
add("orientation3.webp", saved(picture, "WEBP", lossless=True, exif=exif(3)), orientation=3)
add("rgb.bmp", saved(picture, "BMP"))
add("palette.bmp", saved(picture.quantize(40), "BMP"))
add("grey.bmp", saved(picture.convert("L"), "BMP"))
add("bits.bmp", saved(picture.convert("1"), "BMP"))
add("plain.tiff", saved(picture, "TIFF"))
add("lzw.tiff", saved(picture, "TIFF", compression="tiff_lzw"))
add("deflate.tiff", saved(picture, "TIFF", compression="tiff_adobe_deflate"))
add("packbits.tiff", saved(picture, "TIFF", compression="packbits"))
add("grey.tiff", saved(picture.convert("L"), "TIFF"))
add("bits.tiff", saved(picture.convert("1"), "TIFF"))
add("palette.tiff", saved(picture.quantize(40), "TIFF"))
add("alpha.tiff", saved(Image.merge("RGBA", [*picture.split(), alpha]), "TIFF"))
add("orientation8.tiff", saved(picture, "TIFF", tiffinfo={274: 8}), expected=picture, orientation=8)  # Pillow turns TIFF itself
add("palette.gif", saved(picture.quantize(40), "GIF"))
add("interlaced.gif", saved(picture.quantize(40), "GIF", interlace=True))
add("moving.gif", saved(picture.quantize(40), "GIF", save_all=True, loop=0, append_images=[picture.rotate(180).quantize(40)]))
add("rgb.ppm", saved(picture, "PPM"))
add("grey.pgm", saved(picture.convert("L"), "PPM"))
add("bits.pbm", saved(picture.convert("1"), "PPM"))
with open("moving.webp", "wb") as f:
    f.write(saved(picture, "WEBP", save_all=True, append_images=[picture.rotate(180)]))
with open("stills.json", "w") as f:
    json.dump(cases, f, indent=0)
    f.write("\n")
