"""backtesting.py: one symbol a run, orders filled at the close. Symbols of one workload are runs of their own, added up.

It asks no strategy on its first bar, so a copy of that bar stands before.
"""
import time
import warnings

import backtesting
import numpy as np
import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.lib import FractionalBacktest

from common import Work, ema_sides, folder, not_here, report, schedule

warnings.filterwarnings("ignore")


def frame(work, symbol):
    columns = work.columns[symbol]
    data = {name.capitalize(): np.insert(columns[name], 0, columns[name][0]) for name in ("open", "high", "low", "close")}
    data["Volume"] = 1000.0
    step = work.ts[1] - work.ts[0]
    return pd.DataFrame(data, index=pd.to_datetime(np.insert(work.ts, 0, work.ts[0] - step), unit="ms"))


def playing(sides):
    class Sides(Strategy):
        def init(self):
            self.sides = sides
            self.sent = 0

        def next(self):
            side = self.sides[len(self.data) - 2]
            if side == 0:
                return
            held = self.position.size
            if side > 0 and held <= 0:
                if held < 0:
                    self.position.close()
                    self.sent += 1
                self.buy(size=1)
                self.sent += 1
            elif side < 0 and held >= 0:
                if held > 0:
                    self.position.close()
                    self.sent += 1
                if self.both:
                    self.sell(size=1)
                    self.sent += 1

    return Sides


def main():
    work = Work(folder())
    if work.kind == "long_short":
        not_here("backtesting.py", work, "one symbol a run: no cross-section")
        return
    if work.kind == "ema":
        column = work.columns[work.symbols[0]]
        sides = ema_sides(column["open"], column["high"], column["low"], column["close"])
    elif work.kind == "schedule":
        sides = schedule(work.rows, work.terms["every"])
    else:
        sides = [0] * work.rows
    strategy = playing(sides)
    strategy.both = work.kind == "ema"
    common = dict(cash=work.cash, trade_on_close=True, hedging=False, exclusive_orders=False, finalize_trades=False)
    seconds, orders, equity = 0.0, 0, work.cash
    for symbol in work.symbols:
        data = frame(work, symbol)
        if work.kind == "ema":
            test = FractionalBacktest(data, strategy, commission=0.001, fractional_unit=0.001, margin=1.0, **common)
        else:
            test = Backtest(data, strategy, commission=0.0, **common)
        start = time.perf_counter()
        stats = test.run()
        seconds += time.perf_counter() - start
        orders += stats["_strategy"].sent
        equity += stats["Equity Final [$]"] - work.cash
    report("backtesting.py", backtesting.__version__, work, seconds, orders, equity, "one symbol a run, added up, one bar more before; its statistics included: run() makes them")


main()
