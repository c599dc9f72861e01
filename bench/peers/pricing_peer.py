"""The book of the pricing trial, priced by numpy with scipy and by QuantLib: one line of JSON each, or why it cannot be."""
import json
import os
import sys
import time

FOLDER = sys.argv[1]
PASSES = 3
# QuantLib prices one option at a time from Python: so many options stand for the book.
QUANTLIB_OPTIONS = 50


def say(line):
    print(json.dumps(line), flush=True)


def columns():
    import numpy as np

    with open(os.path.join(FOLDER, "terms.json"), encoding="utf-8") as file:
        terms = json.load(file)
    types = {"side": "int8", "underlying": "int32"}
    names = ("side", "underlying", "strike", "expiry_years", "volatility", "rate", "dividend_yield")
    names += ("spot", "volatility_add", "volatility_factor", "rate_add", "prices")
    found = {name: np.fromfile(os.path.join(FOLDER, f"{name}.bin"), dtype=types.get(name, "<f8")) for name in names}
    rows = terms["scenarios"]
    for name in ("spot", "volatility_add", "volatility_factor"):
        found[name] = found[name].reshape(-1, rows)
    found["prices"] = found["prices"].reshape(-1, rows)
    return found


def with_numpy():
    import numpy as np
    import scipy
    from scipy.special import ndtr

    c = columns()
    block = 500

    def run():
        out = np.empty_like(c["prices"])
        for start in range(0, len(c["strike"]), block):
            part = slice(start, start + block)
            u = c["underlying"][part]
            side = c["side"][part, None].astype(float)
            years = c["expiry_years"][part, None]
            vol = np.maximum((c["volatility"][part, None] + c["volatility_add"][u]) * c["volatility_factor"][u], 0)
            rate = c["rate"][part, None] + c["rate_add"][None, :]
            yields = c["dividend_yield"][part, None]
            spot = c["spot"][u]
            strike = c["strike"][part, None]
            s = vol * np.sqrt(years)
            d1 = (np.log(spot / strike) + (rate - yields) * years) / s + s / 2
            held = spot * np.exp(-yields * years) * ndtr(side * d1)
            paid = strike * np.exp(-rate * years) * ndtr(side * (d1 - s))
            out[part] = side * (held - paid)
        return out

    times = []
    for _ in range(PASSES):
        start = time.perf_counter()
        out = run()
        times.append((time.perf_counter() - start) * 1000)
    worst = float(np.max(np.abs(out - c["prices"])) / np.max(c["prices"]))
    version = f"{np.__version__}, scipy {scipy.__version__}"
    say({"peer": "numpy", "version": version, "ms": sorted(times)[PASSES // 2], "options": len(c["strike"]), "worst": worst})


def with_quantlib():
    import numpy as np
    import QuantLib as ql

    c = columns()
    worst = 0.0
    step = len(c["strike"]) // QUANTLIB_OPTIONS
    chosen = [n * step for n in range(QUANTLIB_OPTIONS)]
    start = time.perf_counter()
    for n in chosen:
        u = c["underlying"][n]
        kind = ql.Option.Call if c["side"][n] > 0 else ql.Option.Put
        years, strike, yields = float(c["expiry_years"][n]), float(c["strike"][n]), float(c["dividend_yield"][n])
        for m in range(c["prices"].shape[1]):
            vol = max((c["volatility"][n] + c["volatility_add"][u, m]) * c["volatility_factor"][u, m], 0.0)
            discount = float(np.exp(-(c["rate"][n] + c["rate_add"][m]) * years))
            forward = float(c["spot"][u, m]) * float(np.exp(-yields * years)) / discount
            price = ql.blackFormula(kind, strike, forward, float(vol) * years**0.5, discount)
            worst = max(worst, abs(price - c["prices"][n, m]))
    ms = (time.perf_counter() - start) * 1000
    say({"peer": "QuantLib", "version": ql.__version__, "ms": ms, "options": len(chosen), "worst": worst / float(np.max(c["prices"]))})


for peer, run in (("numpy", with_numpy), ("QuantLib", with_quantlib)):
    try:
        run()
    except ImportError as error:
        say({"peer": peer, "unsupported": f"python3 has no {error.name}"})
