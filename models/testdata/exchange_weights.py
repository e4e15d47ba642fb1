"""Weights out and in, by torchvision: python3 exchange_weights.py NETWORK WEIGHTS.safetensors CHECKPOINT.pth

WEIGHTS.safetensors holds a network as vssl writes it, with an input and the features that vssl has for it as __input and
__features. Loads the network, strictly, and prints the largest difference of its features. Then writes CHECKPOINT.pth with
torch.save: weights of torchvision's own drawing, __input, and the features for it as __features.
"""
import json
import struct
import sys

import torch
import torchvision


def load_file(path):
    """safetensors.torch.load_file, for where it is not installed."""
    types = {"F32": torch.float32, "I64": torch.int64}
    with open(path, "rb") as f:
        data = bytearray(f.read())
    (n,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + n])
    header.pop("__metadata__", None)
    out = {}
    for name, t in header.items():
        begin, end = t["data_offsets"]
        flat = torch.frombuffer(data[8 + n + begin : 8 + n + end], dtype=types[t["dtype"]])
        out[name] = flat.reshape(t["shape"])
    return out


def build(name):
    models = torchvision.models.video if name.startswith(("r3d", "mc3", "r2plus1d")) else torchvision.models
    model = getattr(models, name)()
    model.fc = torch.nn.Identity()
    return model.eval()


name, weights, checkpoint = sys.argv[1:]
torch.manual_seed(1)
torch.set_num_threads(1)
state = load_file(weights)
x, want = state.pop("__input"), state.pop("__features")
model = build(name)
print(model.load_state_dict(state, strict=True), file=sys.stderr)
with torch.no_grad():
    print(float((model(x) - want).abs().max() / want.abs().max()))
    model = build(name)
    for n, b in model.named_buffers():
        if n.endswith("running_mean"):
            b.normal_(0, 0.1)
        if n.endswith("running_var"):
            b.uniform_(0.5, 2)
    state = {"state_dict": {"module." + n: t for n, t in model.state_dict().items()}}
    state.update(__input=x, __features=model(x))
torch.save(state, checkpoint)
