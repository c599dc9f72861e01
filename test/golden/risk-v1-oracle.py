"""Value at risk of version 1, written again from its definition with Python's own floats: prints risk-v1.golden.json.

Profits and losses are multiples of 1/64, so that their sums are exact in any order; numbers are printed so that they read back to the bit.
"""

import json
import math
from statistics import NormalDist

CONFIDENCES = [0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9999]


def series(name, n):
    if name == "whole numbers":
        return [float(i - n // 2) for i in range(n)]
    state = 12345 + n
    values = []
    for _ in range(n):
        state = (1103515245 * state + 12345) % 2**31
        values.append((state % 200001 - 100000) / 64)
    return values if name == "scattered" else [abs(value) + 1 for value in values]


def historical(pnl, confidence):
    ordered = sorted(pnl)
    index = math.ceil((1 - confidence) * len(pnl)) - 1
    quantile = ordered[min(max(index, 0), len(pnl) - 1)]
    tail = [value for value in pnl if value <= quantile]
    return max(0.0, -quantile), max(0.0, -(sum(tail) / len(tail)))


def parametric(sigma, confidence, days):
    return abs(NormalDist().inv_cdf(confidence)) * sigma * math.sqrt(days)


historical_cases = []
for name in ["whole numbers", "scattered", "gains only"]:
    for n in [20, 21, 40, 100, 200, 250, 252, 500, 750, 1000]:
        pnl = series(name, n)
        for confidence in CONFIDENCES:
            var, cvar = historical(pnl, confidence)
            historical_cases.append({"series": name, "n": n, "confidence": confidence, "var": var, "cvar": cvar})

parametric_cases = []
for sigma in [0.0, 1.0, 10000.0, 12345.678]:
    for confidence in [0.05, 0.5, *CONFIDENCES]:
        for days in [1, 10, 0.5]:
            case = {"sigma_1d": sigma, "confidence": confidence, "horizon_days": days, "var": parametric(sigma, confidence, days)}
            parametric_cases.append(case)

print(json.dumps({"historical": historical_cases, "parametric": parametric_cases}, indent=1))
