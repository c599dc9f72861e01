"""backtrader: event by event, cheat-on-close. It fills an order when the next bar comes, so one more bar than Onetape has stands at the end."""
import time

import backtrader as bt
import numpy as np

from common import Work, ema_sides, folder, long_short_targets, report, schedule


class Columns(bt.feed.DataBase):
    """Bars from arrays, without a frame in between."""

    params = (("ts", None), ("columns", None))

    def start(self):
        super().start()
        self.at = 0

    def _load(self):
        if self.at >= len(self.p.ts):
            return False
        at, columns = self.at, self.p.columns
        self.lines.datetime[0] = self.p.ts[at]
        for name in ("open", "high", "low", "close"):
            getattr(self.lines, name)[0] = columns[name][at]
        self.lines.volume[0] = 1000.0
        self.lines.openinterest[0] = 0.0
        self.at += 1
        return True


class Play(bt.Strategy):
    """Trades towards the targets of the row in hand; a flip is two orders."""

    params = (("targets", None), ("size", 1.0), ("rows", 0))

    def __init__(self):
        self.sent = 0
        self.row = -1
        self.held = [0] * len(self.datas)

    def next(self):
        self.row += 1
        if self.row >= self.p.rows or self.p.targets is None:
            return
        targets = self.p.targets[self.row]
        for n, data in enumerate(self.datas):
            target, held = targets[n], self.held[n]
            if target == held:
                continue
            if held != 0:
                self._send(data, -held)
            if target != 0:
                self._send(data, target)
            self.held[n] = target

    def _send(self, data, side):
        self.sent += 1
        if side > 0:
            self.buy(data=data, size=self.p.size)
        else:
            self.sell(data=data, size=self.p.size)


def targets_of(work):
    if work.kind == "ema":
        column = work.columns[work.symbols[0]]
        sides = ema_sides(column["open"], column["high"], column["low"], column["close"])
        held, targets = 0, np.zeros((work.rows, 1), dtype=np.int64)
        for row, side in enumerate(sides):
            held = side if side != 0 else held
            targets[row, 0] = held
        return targets.tolist(), 0.001, 0.001
    if work.kind == "schedule":
        held = np.cumsum(schedule(work.rows, work.terms["every"]))
        return np.repeat(held[:, None], len(work.symbols), axis=1).tolist(), 1.0, 0.0
    if work.kind == "long_short":
        return long_short_targets(work).tolist(), 10.0, 0.0
    return None, 1.0, 0.0


def main():
    work = Work(folder())
    cerebro = bt.Cerebro(stdstats=False, runonce=False, preload=False)
    step = work.ts[1] - work.ts[0]
    ts = np.append(work.ts, work.ts[-1] + step) / 86_400_000.0 + 719_163.0
    for symbol in work.symbols:
        columns = {name: np.append(values, work.columns[symbol]["close"][-1]) for name, values in work.columns[symbol].items()}
        cerebro.adddata(Columns(ts=ts, columns=columns), name=symbol)
    targets, size, commission = targets_of(work)
    cerebro.broker.set_cash(work.cash)
    cerebro.broker.set_coc(True)
    cerebro.broker.setcommission(commission=commission)
    cerebro.broker.set_checksubmit(False)
    cerebro.addstrategy(Play, targets=targets, size=size, rows=work.rows)
    start = time.perf_counter()
    play = cerebro.run()[0]
    seconds = time.perf_counter() - start
    report("backtrader", bt.__version__, work, seconds, play.sent, cerebro.broker.getvalue(), "event mode, as live; fills at the close when the next bar comes, so it has one bar more")


main()
