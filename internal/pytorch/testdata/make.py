"""Writes the checkpoints of this folder with PyTorch (made with 1.13 and torchvision 0.14): python3 make.py

Weights of whole networks are constants that all share one small storage, so that the files stay small: tensor i of a
network holds the value i + first everywhere.
"""
import argparse
import collections
import functools
import json
import pathlib
import sys
import types

import torch
import torchvision

here = pathlib.Path(__file__).parent


def constants(state, first, rename=lambda n: n):
    base = torch.arange(first, first + len(state), dtype=torch.float32)
    counters = torch.arange(first, first + len(state))
    out = collections.OrderedDict()
    for i, (name, t) in enumerate(state.items()):
        of = base if t.is_floating_point() else counters
        out[rename(name)] = of[i : i + 1].reshape([1] * t.dim()).expand(t.shape)
    return out


def resnet18(**kwargs):
    return torchvision.models.resnet18(**kwargs).state_dict()


def foreign(module, name, base=object):
    """A class of a package that is not there when the file is read."""
    parent, _, _ = module.partition(".")
    for each in (parent, module):
        sys.modules.setdefault(each, types.ModuleType(each))
    cls = type(name, (base,), {"__module__": module})
    setattr(sys.modules[module], name, cls)
    return cls


# -- layouts: every element type and every way to lie in a storage, with the values that are right
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
layouts = collections.OrderedDict(
    plain=base.clone(),
    transposed=base.transpose(0, 2),
    sliced=base[:, 1:, ::2],
    last=base[1, 2, 3],
    expanded=torch.tensor([[1.0], [2.0]]).expand(2, 3),
    tied=base,
    channels_last=torch.arange(16, dtype=torch.float32).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last),
    scalar=torch.tensor(5),
    empty=torch.zeros(0, 3),
    parameter=torch.nn.Parameter(torch.tensor([1.5, -2.5])),
    half=torch.tensor([1.5, -2.0, 65504.0]).half(),
    bfloat16=torch.tensor([1.5, -2.0, 3e38]).bfloat16(),
    double=torch.tensor([0.1, -1e300], dtype=torch.float64),
    int32=torch.tensor([-7, 2**31 - 1], dtype=torch.int32),
    int16=torch.tensor([-7, 32767], dtype=torch.int16),
    int8=torch.tensor([-7, 127], dtype=torch.int8),
    uint8=torch.tensor([7, 255], dtype=torch.uint8),
    bool=torch.tensor([True, False]),
)
torch.save(layouts, here / "layouts.pt")
torch.save(layouts, here / "layouts_legacy.pt", _use_new_zipfile_serialization=False)
torch.save(layouts, here / "layouts_protocol4.pt", pickle_protocol=4)
torch.save(layouts, here / "layouts_legacy4.pt", pickle_protocol=4, _use_new_zipfile_serialization=False)
expected = {n: {"shape": list(t.shape), "values": t.detach().double().flatten().tolist()} for n, t in layouts.items()}
(here / "layouts.json").write_text(json.dumps(expected) + "\n")

# -- torchvision's own
torch.save(constants(resnet18(), 1), here / "resnet18.pth")
torch.save(constants(resnet18(), 1), here / "resnet18_legacy.pth", _use_new_zipfile_serialization=False)

# -- a momentum encoder beside the encoder, an optimiser, arguments and a NumPy scalar, as many training scripts leave
state = constants(resnet18(num_classes=128), 1, lambda n: "module.encoder_q." + n)
state.update(constants(resnet18(num_classes=128), 1001, lambda n: "module.encoder_k." + n))
state["module.queue"] = torch.zeros(1).expand(128, 16)
checkpoint = {
    "epoch": 200,
    "arch": "resnet18",
    "state_dict": state,
    "optimizer": {
        "state": {0: {"momentum_buffer": torch.zeros(1).expand(64, 3, 7, 7)}},
        "param_groups": [{"lr": 0.03, "params": [0, 1, 2]}],
    },
    "args": argparse.Namespace(data=pathlib.PosixPath("/data"), lr=0.03, seed=None),
    "best_acc1": torch.tensor(60.6).numpy().mean(),  # a NumPy scalar
}
torch.save(checkpoint, here / "encoders.pth.tar")

# -- a trainer's checkpoint: classes of its own among keys and values
callback = foreign("some_trainer.callbacks", "ModelCheckpoint")
hyper = foreign("some_trainer.parsing", "AttributeDict", dict)(lr=0.1, note="x" * 5000)
hyper.scale = 3
trainer = {
    "epoch": 3,
    "some-trainer_version": "1.8.0",
    "state_dict": constants(resnet18(), 1, lambda n: "model.backbone." + n),
    "callbacks": {callback: {"best_model_score": torch.tensor(0.5)}},
    "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3)}}}],
    "hyper_parameters": hyper,
    "hparams_name": "kwargs",
    "schedule": functools.partial(max, 1),
}
torch.save(trainer, here / "trainer.ckpt")

# -- a whole module in place of its weights
torch.save(foreign("some_model.net", "Net", torch.nn.Linear)(2, 2), here / "module.pt")
