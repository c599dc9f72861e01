"""Distributions at 50 digits: prints distributions.golden.json. Needs mpmath."""

import json
from mpmath import mp, mpf, betainc, beta, gammainc, findroot, sqrt, binomial, fsum

mp.dps = 50


def t_density(t, df):
    t, df = mpf(t), mpf(df)
    return (1 + t * t / df) ** (-(df + 1) / 2) / (sqrt(df) * beta(df / 2, mpf(1) / 2))


def t_tail(t, df):
    t, df = mpf(t), mpf(df)
    half = betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return half if t >= 0 else 1 - half


def t_quantile(tail, df):
    low, high = mpf(0), mpf(10) ** 30
    for _ in range(250):
        middle = (low + high) / 2 if high - low < low else sqrt(high * max(low, mpf(10) ** -6))
        low, high = (middle, high) if t_tail(middle, df) > mpf(tail) else (low, middle)
    return (low + high) / 2


def chi_tail(x, df):
    return gammainc(mpf(df) / 2, mpf(x) / 2, mp.inf, regularized=True)


def chi_quantile(tail, df):
    low, high = mpf(0), mpf(10000)
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if chi_tail(middle, df) > mpf(tail) else (low, middle)
    return low


def pmf(k, n, p):
    p = mpf(p)
    return binomial(n, k) * p**k * (1 - p) ** (n - k)


def rows(arguments, function):
    return [[*argument, float(function(*argument))] for argument in arguments]


dfs = [0.7, 1, 2.5, 3, 4, 5, 10, 30, 100, 1000.5, 100000]
ts = [-3.0, -0.1, 1e-6, 0.3, 1.0, 2.5, 7.0, 40.0]
tails = [0.45, 0.1, 0.05, 0.025, 0.01, 0.001, 1e-6]
binomials = [(k, n, p) for n, p in [(10, 0.3), (250, 0.01), (750, 0.05), (1043, 0.05), (20000, 0.01)] for k in [0, 1, 3, 7, 9] if k <= n]
binomials += [(10, 250, 0.01), (15, 250, 0.01), (57, 1043, 0.05), (48, 750, 0.05), (250, 20000, 0.01), (200, 20000, 0.01), (12, 30, 0.4)]
print(
    json.dumps(
        {
            "t_density": rows([(t, df) for df in dfs for t in ts if not (t == 40.0 and df >= 100000)], t_density),
            "t_tail": rows([(t, df) for df in dfs for t in ts if not (t == 40.0 and df >= 100)], t_tail),
            "t_quantile": rows([(tail, df) for df in dfs for tail in tails], t_quantile),
            "chi_square_tail": rows([(x, df) for df in [1, 2, 3, 4, 7, 20, 51] for x in [0.01, 0.5, 3.84, 10.0, 60.0]], chi_tail),
            "chi_square_quantile": rows([(tail, df) for df in [1, 2, 3, 10] for tail in [0.5, 0.05, 0.01, 0.001]], chi_quantile),
            "binomial_probability": rows(binomials, pmf),
            "binomial_cdf": rows(binomials, lambda k, n, p: fsum(pmf(i, n, p) for i in range(k + 1))),
            "binomial_upper_tail": rows(binomials, lambda k, n, p: 1 - fsum(pmf(i, n, p) for i in range(k))),
        },
        indent=None,
    )
)
