"""The matrix of the risk trial, measured by numpy, scipy and QuantLib: one line of JSON each, or why it cannot be."""
import json
import math
import os
import sys
import time
from decimal import Decimal

FOLDER = sys.argv[1]
PASSES = 15


def say(line):
    print(json.dumps(line), flush=True)


def timed(run, passes=PASSES):
    times, found = [], None
    for _ in range(passes + 1):
        start = time.perf_counter()
        found = run()
        times.append((time.perf_counter() - start) * 1000)
    times = sorted(times[1:])
    return {"best_ms": times[0], "ms": times[len(times) // 2]}, found


def load():
    import numpy as np

    with open(os.path.join(FOLDER, "terms.json"), encoding="utf-8") as file:
        terms = json.load(file)
    names = ("pnl", "component_var", "component_es", "rows", "factors", "portfolio_var", "portfolio_es")
    columns = {name: np.fromfile(os.path.join(FOLDER, f"{name}.bin"), dtype="<i4" if name == "rows" else "<f8") for name in names}
    columns["pnl"] = columns["pnl"].reshape(terms["positions"], terms["scenarios"])
    return terms, columns


def tail_of(terms):
    """Mass of the tail in scenarios, the VaR's rank, ranks of its window with their weights."""
    import numpy as np

    mass = (1 - Decimal(terms["confidence"])) * terms["scenarios"]
    k = math.ceil(mass)
    half = max(2, math.isqrt(k))
    ranks = np.arange(max(1, k - half), min(terms["scenarios"], k + half) + 1)
    window = (half + 1 - np.abs(ranks - k)).astype(float)
    return float(mass), k, ranks - 1, window / window.sum()


def figures(totals, mass, k):
    """VaR and coherent ES of rows of totals."""
    import numpy as np

    worst = -np.sort(np.partition(totals, k - 1, axis=-1)[..., :k], axis=-1)
    es = (worst[..., : k - 1].sum(axis=-1) + (mass - (k - 1)) * worst[..., k - 1]) / mass
    return worst[..., k - 1], es


def with_numpy():
    import numpy as np

    terms, c = load()
    mass, k, ranks, window = tail_of(terms)
    pnl, ones = c["pnl"], np.ones(terms["positions"])
    shares = np.ones(k) / mass
    shares[-1] = (mass - (k - 1)) / mass

    def book():
        totals = ones @ pnl
        order = np.argpartition(totals, ranks[-1])[: ranks[-1] + 1]
        order = order[np.argsort(totals[order], kind="stable")]
        losses = -pnl[:, order]
        es = losses[:, :k] @ shares
        var = losses[:, ranks] @ window
        at_risk = -totals[order[k - 1]]
        return at_risk, es.sum(), var * (at_risk / var.sum()), es

    product, _ = timed(lambda: ones @ pnl)
    times, (at_risk, es, by_var, by_es) = timed(book)
    gaps = [abs(at_risk - terms["var"]) / terms["var"], abs(es - terms["es"]) / terms["es"]]
    for ours, theirs in ((c["component_var"], by_var), (c["component_es"], by_es)):
        gaps.append(float(np.max(np.abs(ours - theirs)) / np.max(np.abs(ours))))
    say({"peer": "numpy", "version": np.__version__, "work": "product", **product, "worst": 0})
    say({"peer": "numpy", "version": np.__version__, "work": "book", **times, "worst": float(max(gaps))})


def with_scipy():
    import numpy as np
    import scipy
    from scipy.sparse import csr_matrix

    terms, c = load()
    mass, k, _, _ = tail_of(terms)
    starts = np.arange(terms["portfolios"] + 1) * terms["held"]
    held = csr_matrix((c["factors"], c["rows"], starts), shape=(terms["portfolios"], terms["positions"]))
    times, (var, es) = timed(lambda: figures(held @ c["pnl"], mass, k), 3)
    gaps = [np.max(np.abs(x - y)) / np.max(np.abs(y)) for x, y in ((var, c["portfolio_var"]), (es, c["portfolio_es"]))]
    say({"peer": "scipy", "version": scipy.__version__, "work": "portfolios", **times, "worst": float(max(gaps))})


def with_quantlib():
    import numpy as np
    import QuantLib as ql

    terms, c = load()
    totals = c["pnl"].sum(axis=0)
    # Its confidence is a double and its rank one too deep at 0.99; asked a little higher it gives the same rank.
    level = float(terms["confidence"]) + 1e-9

    def run():
        statistics = ql.RiskStatistics()
        statistics.add(ql.DoubleVector(totals.tolist()))
        return statistics.valueAtRisk(level), statistics.expectedShortfall(level)

    times, (var, _) = timed(run)
    say({"peer": "QuantLib", "version": ql.__version__, "work": "statistics", **times, "worst": abs(var - terms["var"]) / terms["var"]})


for peer, run in (("numpy", with_numpy), ("scipy", with_scipy), ("QuantLib", with_quantlib)):
    try:
        run()
    except ImportError as error:
        say({"peer": peer, "unsupported": f"python3 has no {error.name}"})
