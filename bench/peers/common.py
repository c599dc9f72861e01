"""What every peer's script shares: the bars that Onetape ran on, and one line of JSON for what came of them."""
import json
import os
import resource
import sys

import numpy as np


class Work:
    """One workload: its bars as float columns in symbol order, and its terms."""

    def __init__(self, folder):
        with open(os.path.join(folder, "workload.json"), encoding="utf-8") as file:
            self.terms = json.load(file)
        self.id = self.terms["id"]
        self.kind = self.terms["kind"]
        self.cash = float(self.terms["cash"])
        self.symbols = self.terms["symbols"]
        self.rows = self.terms["rows"]
        unit = 10.0 ** self.terms["price_scale"]
        self.ts = np.fromfile(os.path.join(folder, "ts.f64"), dtype="<f8").astype("int64")
        self.columns = {
            symbol: {
                name: np.ascontiguousarray(np.fromfile(os.path.join(folder, f"{symbol}.{name}.f64"), dtype="<f8") / unit)
                for name in ("open", "high", "low", "close")
            }
            for symbol in self.symbols
        }

    @property
    def bars(self):
        return self.rows * len(self.symbols)

    def matrix(self, name):
        """Rows by symbols."""
        return np.column_stack([self.columns[symbol][name] for symbol in self.symbols])


def ema_sides(open_, high, low, close, fast=10, slow=20):
    """1 long, -1 short, 0 no signal: averages seeded with the first close; a bar without any movement gives no signal."""
    sides = np.zeros(len(close), dtype=np.int64)
    f = s = close[0]
    a, b = 2.0 / (fast + 1), 2.0 / (slow + 1)
    for row in range(len(close)):
        price = close[row]
        f = a * price + (1 - a) * f
        s = b * price + (1 - b) * s
        still = open_[row] == high[row] == low[row] == price
        if row >= slow - 1 and not still:
            sides[row] = 1 if f >= s else -1
    return sides


def schedule(rows, every):
    """+1 on the bars that enter, -1 on those that leave."""
    sides = np.zeros(rows, dtype=np.int64)
    for n, row in enumerate(range(every - 1, rows, every)):
        sides[row] = 1 if n % 2 == 0 else -1
    return sides


def long_short_targets(work, side=25):
    """+1, -1 or 0 by row and symbol: the positions after each close."""
    rise = work.matrix("close") / work.matrix("open")
    targets = np.zeros((work.rows, len(work.symbols)), dtype=np.int64)
    for row in range(0, work.rows - 1, 2):
        ranked = np.argsort(-rise[row], kind="stable")
        targets[row, ranked[:side]] = 1
        targets[row, ranked[-side:]] = -1
    return targets


def report(peer, version, work, seconds, orders, equity, note=""):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = {
        "peer": peer,
        "version": version,
        "workload": work.id,
        "bars": work.bars,
        "bars_per_s": work.bars / seconds,
        "seconds": seconds,
        "orders": int(orders),
        "equity": float(equity),
        "peak_rss_mb": peak,
        "note": note,
    }
    print(json.dumps(line), flush=True)


def not_here(peer, work, why):
    print(json.dumps({"peer": peer, "workload": work.id, "unsupported": why}), flush=True)


def folder():
    return sys.argv[1]
