"""Writes current.pt and current_legacy.pt with a PyTorch of today (made with 2.15): python3 make_current.py"""
import collections
import pathlib

import torch

here = pathlib.Path(__file__).parent
parameter = torch.nn.Parameter(torch.tensor([1.5, -2.5]))
parameter.note = "an attribute"  # such a parameter is written with its state
weights = collections.OrderedDict(
    parameter=parameter,
    transposed=torch.arange(6.0).reshape(2, 3).t(),
    uint16=torch.tensor([7, 65535], dtype=torch.uint16),  # this type has no storage class of its own
)
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.AdamW(model.parameters())
model(torch.ones(1, 2)).sum().backward()
optimizer.step()
checkpoint = {
    "model": weights,
    "optimizer": optimizer.state_dict(),
    "scheduler": torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 3).state_dict(),
    "device": torch.device("cpu"),
    "dtype": torch.bfloat16,
}
torch.save(checkpoint, here / "current.pt")
torch.save(checkpoint, here / "current_legacy.pt", _use_new_zipfile_serialization=False)
