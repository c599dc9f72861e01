"""vectorbt: signals first, then all orders at once. A flip is one order of twice the size and counts as the two that it stands for."""
import time

import numpy as np
import pandas as pd
import vectorbt as vbt

from common import Work, ema_sides, folder, long_short_targets, report, schedule


def sizes_of(work):
    close = work.matrix("close")
    if work.kind == "ema":
        column = work.columns[work.symbols[0]]
        sides = ema_sides(column["open"], column["high"], column["low"], column["close"])
        held, sizes = 0, np.zeros(len(sides))
        for row, side in enumerate(sides):
            if side != 0 and side != held:
                sizes[row] = 0.001 * (side - held)
                held = side
        return close, sizes[:, None], 0.001
    if work.kind == "schedule":
        sizes = schedule(work.rows, work.terms["every"])[:, None] * np.ones(len(work.symbols))
        return close, sizes, 0.0
    if work.kind == "long_short":
        targets = long_short_targets(work) * 10.0
        return close, np.diff(targets, axis=0, prepend=0.0), 0.0
    return close, np.zeros_like(close), 0.0


def main():
    work = Work(folder())
    index = pd.to_datetime(work.ts, unit="ms")

    close, sizes, fees = sizes_of(work)

    def run():
        start = time.perf_counter()
        portfolio = vbt.Portfolio.from_orders(
            pd.DataFrame(close, index=index, columns=work.symbols),
            size=np.where(sizes == 0, np.nan, sizes),
            fees=fees,
            init_cash=work.cash,
            cash_sharing=True,
            group_by=True,
            freq="1min",
        )
        equity = float(portfolio.final_value())
        records = portfolio.orders.records
        return time.perf_counter() - start, equity, records

    first, _, _ = run()
    seconds, equity, records = run()
    per_order = 0.001 if work.kind == "ema" else 10.0 if work.kind == "long_short" else 1.0
    orders = int(np.rint(records["size"] / per_order).sum())
    report("vectorbt", vbt.__version__, work, seconds, orders, equity, f"all bars at once, which no strategy can decide on; a flip is one order and counts as two; warm, first call {first:.2f} s")


main()
