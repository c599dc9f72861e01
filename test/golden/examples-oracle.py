"""The shipped examples, recomputed from their rules: Python 3 alone, money in decimals, nothing of Onetape's code.

Prints orders, fills, trades, final equity and commission of each example as JSON. What a strategy computes with is floating point there
and here, so the arithmetic stands in the same order; prices, quantities, cash and fees are exact.
"""

import csv
import json
import math
import os
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal as D, getcontext

getcontext().prec = 60
DATA = os.path.join(os.path.dirname(__file__), "..", "..", "examples", "data")
CENT, PRICE_STEP, TICK = D("0.01"), D("0.00000001"), D("0.01")


def half_even(value, step):
    return value.quantize(step, ROUND_HALF_EVEN)


def bars_of(name):
    """Rows as exact decimals (o, h, l, c) and as the doubles that a strategy sees (fo, fh, fl, fc), with the time of the close."""
    out = []
    with open(os.path.join(DATA, name)) as file:
        for row in csv.DictReader(file):
            bar = {"ts": row["ts"], "day": row["ts"][:10], "minute": int(row["ts"][11:13]) * 60 + int(row["ts"][14:16])}
            for field in ("open", "high", "low", "close"):
                bar[field[0]] = D(row[field])
                bar["f" + field[0]] = float(row[field])
            out.append(bar)
    for bar, following in zip(out, out[1:] + [None]):
        bar["last"] = following is None or following["day"] != bar["day"]
    return out


def slipped(side, price):
    """One basis point worse, at the eight decimals that prices have."""
    return price + side * half_even(price * D("0.0001"), PRICE_STEP)


def fee_of(qty, price):
    """Half a cent a share, at most half a percent of the value, at least a dollar."""
    by_share, cap = half_even(D("0.005") * qty, CENT), half_even(D("0.005") * qty * price, CENT)
    return max(D(1), min(by_share, cap))


class Account:
    def __init__(self):
        self.cash, self.fees, self.held, self.marks = D(100000), D(0), {}, {}
        self.orders = self.fills = self.trades = 0

    def position(self, symbol="DEMO"):
        return self.held.get(symbol, 0)

    def equity(self):
        return self.cash + sum(half_even(qty * self.marks[symbol], CENT) for symbol, qty in self.held.items())

    def fill(self, side, qty, price, symbol="DEMO"):
        before = self.position(symbol)
        fee = fee_of(qty, price)
        self.cash -= side * half_even(qty * price, CENT) + fee
        self.fees += fee
        self.fills += 1
        self.held[symbol] = before + side * qty
        if before != 0 and self.held[symbol] == 0:
            self.trades += 1

    def close_all(self):
        """What is open when the bars end is closed at the last close."""
        for symbol, qty in sorted(self.held.items()):
            if qty != 0:
                self.orders += 1
                side = -1 if qty > 0 else 1
                self.fill(side, abs(qty), slipped(side, self.marks[symbol]), symbol)

    def result(self):
        text = lambda value: format(value.normalize(), "f")
        return {
            "orders": self.orders,
            "fills": self.fills,
            "trades": self.trades,
            "final_equity": text(self.equity()),
            "commission": text(self.fees),
        }


class Ema:
    """Begins with the first value, or with the mean of the first n."""

    def __init__(self, n, from_mean):
        self.n, self.from_mean, self.count, self.sum, self.value = n, from_mean, 0, 0.0, 0.0
        self.weight = 2 / (n + 1)

    def push(self, x):
        self.count += 1
        if self.from_mean and self.count <= self.n:
            self.sum += x
            self.value = self.sum / self.n if self.count == self.n else 0.0
        elif self.count == 1:
            self.value = x
        else:
            self.value = self.weight * x + (1 - self.weight) * self.value

    @property
    def ready(self):
        return self.count >= self.n


def next_open(account, pending, bar, symbol="DEMO"):
    """Market orders of the close before, in their order."""
    for side, qty in pending:
        account.fill(side, qty, slipped(side, bar["o"]), symbol)
    pending.clear()


def ema_cross():
    account, pending, fast, slow = Account(), [], Ema(12, False), Ema(48, False)
    for bar in bars_of("demo-1m.csv"):
        next_open(account, pending, bar)
        account.marks["DEMO"] = bar["c"]
        fast.push(bar["fc"])
        slow.push(bar["fc"])
        if bar["o"] == bar["h"] == bar["l"] == bar["c"] or not slow.ready:
            continue
        side, held = (1 if fast.value >= slow.value else -1), account.position()
        if held * side > 0:
            continue
        if held != 0:
            pending.append((side, abs(held)))
        pending.append((side, int(account.equity() / 2 / bar["c"])))
        account.orders = account.orders + (2 if held != 0 else 1)
    account.close_all()
    return account.result()


def turtle():
    account, pending, seen = Account(), [], []
    for bar in bars_of("demo-1m.csv"):
        next_open(account, pending, bar)
        account.marks["DEMO"] = bar["c"]
        before, held, close = list(seen), account.position(), bar["c"]
        seen.append(bar)
        if len(before) < 20:
            continue
        high = lambda n: max(b["h"] for b in before[-n:])
        low = lambda n: min(b["l"] for b in before[-n:])
        if held > 0 and close < low(10) or held == 0 and close < low(20):
            pending.append((-1, 100))
        elif held < 0 and close > high(10) or held == 0 and close > high(20):
            pending.append((1, 100))
        account.orders += len(pending)
    account.close_all()
    return account.result()


def macd_trend():
    account, fast, slow, signal = Account(), Ema(12, True), Ema(26, True), Ema(9, True)
    pending = []
    for bar in bars_of("demo-1d.csv"):
        for side, qty in pending:
            price = slipped(side, bar["o"])
            # An account that cannot pay all of it buys what it can pay.
            while side > 0 and account.cash - half_even(qty * price, CENT) - fee_of(qty, price) < 0:
                qty -= 1
            account.fill(side, qty, price)
        pending = []
        account.marks["DEMO"] = bar["c"]
        fast.push(bar["fc"])
        slow.push(bar["fc"])
        if fast.ready and slow.ready:
            signal.push(fast.value - slow.value)
        if not signal.ready:
            continue
        distance, held = (fast.value - slow.value - signal.value) / fast.value, account.position()
        if distance > 0.0025 and held <= 0:
            pending.append((1, target(account.equity(), bar["c"])))
        elif distance < -0.0025 and held > 0:
            pending.append((-1, held))
        account.orders += len(pending)
    account.close_all()
    return account.result()


def target(equity, price):
    """Shares for all of equity but a quarter percent, fewer until they and their fee fit."""
    share = D("0.9975")
    qty = int((share * equity / price).to_integral_value(ROUND_FLOOR))
    while qty * price > share * (equity - fee_of(qty, price)):
        qty -= 1
    return qty


class Order:
    def __init__(self, kind, side, qty, price, parent=None, group=None, reduces=False):
        self.kind, self.side, self.qty, self.price, self.parent, self.group = kind, side, qty, price, parent, group
        self.reduces = reduces or parent is not None
        self.alive, self.entered, self.inside = True, False, None

    def reached(self, price):
        """A stop by touching, a limit by trading through it."""
        return self.side * (price - self.price) >= 0 if self.kind == "stop" else self.side * (self.price - price) > 0

    def match(self, bar):
        """(when, price) on the whole bar: 0 at the open, 1 inside, 2 at the close; None where nothing happens."""
        if self.kind == "market":
            return 0, bar["o"]
        if self.kind == "on_close":
            return (2, bar["c"]) if bar["last"] else None
        if self.reached(bar["o"]) or (self.kind == "limit" and bar["o"] == self.price):
            return 0, bar["o"]
        upward = (self.kind == "stop") == (self.side > 0)
        return (1, self.price) if self.reached(bar["h"] if upward else bar["l"]) else None

    def after_entry(self, bar):
        """On the bar inside which its entry, a stop, filled: a target lies beyond it and was reached later; a stop counts when it was reached at all."""
        upward = (self.kind == "stop") == (self.side > 0)
        return (1, self.price) if self.reached(bar["h"] if upward else bar["l"]) else None


class Book:
    """Working orders of one symbol, oldest first. Exits sleep until their entry fills; members of a group end each other."""

    def __init__(self, account):
        self.account, self.orders = account, []

    def send(self, *orders):
        self.orders.extend(orders)
        self.account.orders += len(orders)

    def bracket(self, side, kind, qty, price, stop, limit=None, group=None):
        entry = Order(kind, side, qty, price, None, group)
        exits = [Order("stop", -side, qty, stop, entry)]
        if limit is not None:
            exits.append(Order("limit", -side, qty, limit, entry))
        self.send(entry, *exits)

    def cancel(self, test):
        for order in self.orders:
            if order.alive and test(order):
                order.alive = False
                if order.parent is None:
                    self.cancel_exits(order)

    def cancel_exits(self, entry):
        for order in self.orders:
            if order.parent is entry:
                order.alive = False

    def find(self, order, bar):
        if not order.alive or order.parent is not None and not order.parent.entered:
            return None
        return order.after_entry(bar) if order.parent is not None and order.parent.inside is bar else order.match(bar)

    def run(self, bar):
        """What happens at the open, then inside the bar, then at its close; of each the oldest order first."""
        for phase in (0, 1, 2):
            for order in self.orders:
                found = self.find(order, bar)
                if found is not None and found[0] == phase and self.first(order, found, bar):
                    self.execute(order, found, bar)
        self.orders = [o for o in self.orders if o.alive]

    def execute(self, order, found, bar):
        order.alive = False
        if order.reduces and self.account.position() == 0:
            return
        when, price = found
        self.account.fill(order.side, order.qty, price if order.kind == "limit" else slipped(order.side, price))
        if order.group is not None:
            self.cancel(lambda other: other.group == order.group)
        if not order.reduces:
            order.entered, order.inside = True, bar if when == 1 else None
        elif self.account.position() == 0:
            self.cancel(lambda other: other.parent is not None and other.parent.entered)

    def first(self, order, found, bar):
        """Which of several that end each other was first: the earlier; inside the bar a stop before a target, two stops by the nearer extreme."""
        rivals = [o for o in self.orders if o is not order and (same(o.group, order.group) or same(o.parent, order.parent))]
        others = [(self.find(o, bar), o) for o in rivals]
        for (when, price), other in [(match, o) for match, o in others if match is not None]:
            if when < found[0]:
                return False
            if when > found[0] or when != 1:
                continue
            if other.kind != order.kind:
                if other.kind == "stop":
                    return False
            elif along(price, bar) < along(found[1], bar):
                return False
        return True


def same(a, b):
    return a is not None and a == b


def along(price, bar):
    """Distance on the way from the open to the nearer extreme (the high where both are as near), back, and to the other."""
    up, high_first = price >= bar["o"], bar["h"] - bar["o"] <= bar["o"] - bar["l"]
    distance = abs(price - bar["o"])
    if up == high_first:
        return distance
    return distance + 2 * ((bar["o"] - bar["l"]) if up else (bar["h"] - bar["o"]))


def tick(number):
    """A strategy's double as a price: its shortest digits, half-even to the tick."""
    return half_even(D(repr(number)), TICK)


CLOSE = 21 * 60  # 16:00 in New York in January, in minutes of the UTC day
OPEN = 14 * 60 + 30


def inside_bar():
    account = Account()
    book, day = Book(account), ""
    for bar in bars_of("demo-5m.csv"):
        if bar["day"] != day:
            day, high, low, ending = bar["day"], 0.0, 0.0, False
        book.run(bar)
        account.marks["DEMO"] = bar["c"]
        inside = bar["fh"] <= high and bar["fl"] >= low
        high, low, held = bar["fh"], bar["fl"], account.position()
        if ending:
            continue
        if bar["minute"] >= CLOSE - 10:
            ending = True
            book.cancel(lambda order: order.parent is None)
            book.orders = [o for o in book.orders if o.alive]
            if held != 0:
                book.send(Order("on_close", -1 if held > 0 else 1, abs(held), None, reduces=True))
            continue
        span = high - low
        if held != 0 or book.orders or not inside or span < 0.15:
            continue
        reward = 3 * span
        book.bracket(1, "stop", 200, tick(high), tick(low), tick(high + reward), bar["ts"])
        book.bracket(-1, "stop", 200, tick(low), tick(high), tick(low - reward), bar["ts"])
    account.close_all()
    return account.result()


def opening_range():
    account = Account()
    book, day = Book(account), ""
    for bar in bars_of("demo-5m.csv"):
        if bar["day"] != day:
            day, high, low, done = bar["day"], 0.0, 0.0, False
        book.run(bar)
        account.marks["DEMO"] = bar["c"]
        if bar["minute"] <= OPEN + 30:
            high = bar["fh"] if high == 0 else max(high, bar["fh"])
            low = bar["fl"] if low == 0 else min(low, bar["fl"])
            continue
        held = account.position()
        if bar["minute"] >= CLOSE - 10:
            done = True
            if held != 0:
                book.send(Order("market", -1 if held > 0 else 1, abs(held), None, reduces=True))
            continue
        if done or low <= bar["fc"] <= high:
            continue
        done = True
        depth = 0.5 * (high - low)
        side, stop = (1, tick(high - depth)) if bar["fc"] > high else (-1, tick(low + depth))
        by_risk = account.equity() * D("0.005") / abs(bar["c"] - stop)
        most = account.equity() * D("0.9") / bar["c"]
        book.bracket(side, "market", int(min(by_risk, most)), None, stop)
    account.close_all()
    return account.result()


def pairs():
    account, pending, distances = Account(), [], []
    for demo, mate in zip(bars_of("demo-1d.csv"), bars_of("mate-1d.csv")):
        for symbol, bar in (("DEMO", demo), ("MATE", mate)):
            for side, qty in [(s, q) for at, s, q in pending if at == symbol]:
                account.fill(side, qty, slipped(side, bar["o"]), symbol)
        account.marks.update({"DEMO": demo["c"], "MATE": mate["c"]})
        pending = []
        distance = mate["fc"] - 0.6 * demo["fc"]
        distances = (distances + [distance])[-40:]
        if len(distances) < 40:
            continue
        mean = added(distances) / 40
        z = (distance - mean) / math.sqrt(added([(d - mean) * (d - mean) for d in distances]) / 39)
        held = account.position("MATE")
        if held == 0 and abs(z) > 1.5:
            side = 1 if z < 0 else -1
            pending = [("MATE", side, 400), ("DEMO", -side, 240)]
        elif held > 0 and z > -0.25 or held < 0 and z < 0.25:
            side = -1 if held > 0 else 1
            pending = [("MATE", side, 400), ("DEMO", -side, 240)]
        account.orders += len(pending)
    account.close_all()
    return account.result()


def added(values):
    """One after the other, as the strategy does it: Python's own sum may compensate."""
    total = 0.0
    for value in values:
        total += value
    return total


if __name__ == "__main__":
    examples = {
        "ema-cross": ema_cross,
        "turtle": turtle,
        "macd-trend": macd_trend,
        "inside-bar": inside_bar,
        "opening-range": opening_range,
        "pairs": pairs,
    }
    print(json.dumps({name: run() for name, run in examples.items()}, indent=2))
