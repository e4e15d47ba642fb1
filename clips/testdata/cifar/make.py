"""Writes batches of two pictures as Python 3 pickles them again: python3 make.py (made with 3.11 and NumPy 1.24)

batch2 to batch5 are of those protocols, with the keys of bytes that pickle.load(..., encoding="bytes") gives; text4 has
those of encoding="latin1".
"""
import pathlib
import pickle

import numpy

here = pathlib.Path(__file__).parent
y, x = numpy.mgrid[0:32, 0:32]
pictures = numpy.stack([numpy.stack([3 * x, 90 + 2 * y, numpy.full_like(x, blue)]) for blue in (1, 200)])
batch = {
    "batch_label": "training batch 1 of 5",
    "labels": [6, 8],
    "data": pictures.reshape(2, 3072).astype(numpy.uint8),
    "filenames": ["leptodactylus_pentadactylus_s_000004.png", "cargo_ship_s_000001.png"],
}
as_bytes = {
    key.encode(): value.encode() if key == "batch_label" else [v.encode() for v in value] if key == "filenames" else value
    for key, value in batch.items()
}
for protocol in range(2, 6):
    (here / f"batch{protocol}").write_bytes(pickle.dumps(as_bytes, protocol))
(here / "text4").write_bytes(pickle.dumps(batch, 4))
