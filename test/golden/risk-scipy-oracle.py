"""Risk measures by numpy and scipy: reads cases as JSON from standard input, prints results as JSON. Needs numpy and scipy."""

import json
import sys

import numpy as np
from scipy import optimize, stats
from scipy.cluster.hierarchy import linkage


def type7(pnl, tail):
    return -np.quantile(np.array(pnl), tail)


def shortfall(pnl, tail):
    """By Rockafellar and Uryasev's minimisation, not by sorting."""
    losses = -np.array(pnl)
    candidates = np.unique(losses)
    values = [q + np.maximum(losses - q, 0).mean() / tail for q in candidates]
    return min(values)


def entropic(pnl, tail):
    losses = -np.array(pnl)
    spread = losses.max() - losses.min()

    def bound(log_scale):
        t = spread * np.exp(log_scale)
        return t * (np.logaddexp.reduce(losses / t) - np.log(len(losses) * tail))

    return optimize.minimize_scalar(bound, bounds=(-20, 20), method="bounded", options={"xatol": 1e-10}).fun


def student_t(deviation, nu, tail):
    scale = deviation * np.sqrt((nu - 2) / nu)
    var = stats.t.isf(tail, nu) * scale
    # Mean of the losses beyond, by integration of the quantile.
    es = stats.t(nu).expect(lambda x: x, lb=stats.t.isf(tail, nu), conditional=True) * scale
    return [var, es]


def normal(deviation, tail):
    return [stats.norm.isf(tail) * deviation, stats.norm.pdf(stats.norm.isf(tail)) / tail * deviation]


def delta_gamma(amounts, covariance, gamma):
    """Moments by the eigenvalues of the quadratic form, not by traces."""
    root = np.linalg.cholesky(np.array(covariance))
    values, vectors = np.linalg.eigh(root.T @ np.array(gamma) @ root)
    linear = vectors.T @ (root.T @ np.array(amounts))
    k1 = values.sum() / 2
    k2 = (linear**2 + values**2 / 2).sum()
    k3 = (3 * linear**2 * values + values**3).sum()
    k4 = (12 * linear**2 * values**2 + 3 * values**4).sum()
    return [k1, np.sqrt(k2), k3 / k2**1.5, k4 / k2**2]


def backtest(periods, exceptions, p):
    rate = exceptions / periods
    statistic = 2 * (stats.binom.logpmf(exceptions, periods, rate) - stats.binom.logpmf(exceptions, periods, p))
    return [statistic, stats.chi2.sf(statistic, 1), stats.binom.cdf(exceptions, periods, p)]


cases = json.load(sys.stdin)
rows = np.array(cases["rows"])
weights = cases["lambda"] ** np.arange(len(rows) - 1, -1, -1)
distance = np.sqrt((1 - np.array(cases["correlation"])) / 2)
upper = distance[np.triu_indices(len(distance), 1)]
results = {
    "type7": [type7(cases["pnl"], tail) for tail in cases["tails"]],
    "shortfall": [shortfall(cases["pnl"], tail) for tail in cases["tails"]],
    "entropic": [entropic(cases["pnl"], tail) for tail in cases["tails"]],
    "student_t": [student_t(cases["deviation"], nu, tail) for nu in cases["degrees"] for tail in cases["tails"]],
    "normal": [normal(cases["deviation"], tail) for tail in cases["tails"]],
    "sample_covariance": np.cov(rows, rowvar=False).tolist(),
    "ewma_covariance": (np.einsum("t,ti,tj->ij", weights, rows, rows) / weights.sum()).tolist(),
    "eigenvalues": np.linalg.eigvalsh(np.array(cases["correlation"])).tolist(),
    "moments": [stats.skew(cases["pnl"]), stats.kurtosis(cases["pnl"])],
    "delta_gamma": delta_gamma(cases["amounts"], cases["covariance"], cases["gamma"]),
    "backtests": [backtest(*row) for row in cases["backtests"]],
    "single": linkage(upper, "single")[:, 2].tolist(),
    "complete": linkage(upper, "complete")[:, 2].tolist(),
    "philox": [int(word) for word in np.random.Philox(key=cases["philox_key"]).random_raw(8)],
}
print(json.dumps(results))
