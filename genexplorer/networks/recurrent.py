"""An image read and written row by row."""

import torch
from torch import Tensor, nn


class RowEncoder(nn.Module):
    """(B, C, S, S) to (B, outputs): a GRU (Cho et al. 2014) reads the rows from the top, its last state is the code."""

    def __init__(self, channels: int, size: int, hidden: int, outputs: int) -> None:
        super().__init__()
        self.gru = nn.GRU(channels * size, hidden, batch_first=True)
        self.head = nn.Linear(hidden, outputs)

    def forward(self, x: Tensor) -> Tensor:
        rows = x.transpose(1, 2).flatten(2)  # (B, S, C·S)
        with torch.autocast(x.device.type, enabled=False):  # a state that is carried over many rows wants 32 bits
            states, _ = self.gru(rows.float())
        code: Tensor = self.head(states[:, -1])
        return code


class RowDecoder(nn.Module):
    """(B, inputs) to (B, C, S, S): a GRU that hears the code before each row, and says that row.

    It is told the code and no earlier row, so that the code has to hold all ("unconditioned", Srivastava et al. 2015,
    section 2.1).
    """

    def __init__(self, inputs: int, channels: int, size: int, hidden: int) -> None:
        super().__init__()
        self.channels, self.size = channels, size
        self.stem = nn.Linear(inputs, hidden)
        self.gru = nn.GRU(inputs, hidden, batch_first=True)
        self.head = nn.Linear(hidden, channels * size)

    def forward(self, z: Tensor) -> Tensor:
        with torch.autocast(z.device.type, enabled=False):
            z = z.float()
            start = torch.tanh(self.stem(z))[None]
            states, _ = self.gru(z[:, None].expand(-1, self.size, -1).contiguous(), start)
        rows: Tensor = self.head(states)  # (B, S, C·S)
        return rows.reshape(len(z), self.size, self.channels, self.size).transpose(1, 2)
