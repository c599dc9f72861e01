"""Answers from QuantLib to the questions on standard input, one JSON object in, one out. Needs the package QuantLib."""

import json
import sys

import QuantLib as ql

questions = json.load(sys.stdin)
EPOCH = ql.Date(1, 1, 1970)
TODAY = ql.Date(15, 1, 2024)
ql.Settings.instance().evaluationDate = TODAY


def date(day):
    return EPOCH + day


def kind(right):
    return ql.Option.Call if right == "call" else ql.Option.Put


def black_scholes(o):
    t, r, q = o["expiry_years"], o["rate"], o["dividend_yield"]
    discount, growth = pow(2.718281828459045, -r * t), pow(2.718281828459045, -q * t)
    calc = ql.BlackCalculator(
        ql.PlainVanillaPayoff(kind(o["right"]), o["strike"]), o["spot"] * growth / discount, o["volatility"] * t**0.5, discount
    )
    s = o["spot"]
    return {
        "price": calc.value(),
        "delta": calc.delta(s),
        "gamma": calc.gamma(s),
        "vega": calc.vega(t) / 100,
        "theta": calc.theta(s, t) / 365,
        "rho": calc.rho(t),
        "rho_carry": calc.dividendRho(t),
    }


def bachelier(o):
    t = o["expiry_years"]
    discount = pow(2.718281828459045, -o["rate"] * t)
    return ql.bachelierBlackFormula(kind(o["right"]), o["strike"], o["forward"], o["normal_volatility"] * t**0.5, discount)


def american(o):
    day_count = ql.Actual365Fixed()
    flat = lambda rate: ql.YieldTermStructureHandle(ql.FlatForward(TODAY, rate, day_count))
    volatility = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(TODAY, ql.NullCalendar(), o["volatility"], day_count))
    spot = ql.QuoteHandle(ql.SimpleQuote(o["spot"]))
    process = ql.BlackScholesMertonProcess(spot, flat(o["dividend_yield"]), flat(o["rate"]), volatility)
    expiry = TODAY + o["days"]
    option = ql.VanillaOption(ql.PlainVanillaPayoff(kind(o["right"]), o["strike"]), ql.AmericanExercise(TODAY, expiry))
    option.setPricingEngine(ql.QdFpAmericanEngine(process, ql.QdFpAmericanEngine.highPrecisionScheme()))
    return option.NPV()


COUNTS = {
    "ACT/360": ql.Actual360(),
    "ACT/365F": ql.Actual365Fixed(),
    "ACT/ACT ISDA": ql.ActualActual(ql.ActualActual.ISDA),
    "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
    "30U/360": ql.Thirty360(ql.Thirty360.USA),
    "30E/360": ql.Thirty360(ql.Thirty360.European),
}


def years(c):
    return COUNTS[c["count"]].yearFraction(date(c["start"]), date(c["end"]))


def bond(b):
    rule = ql.DateGeneration.Backward if b["stub"] == "short_first" else ql.DateGeneration.Forward
    schedule = ql.Schedule(
        date(b["effective"]),
        date(b["maturity"]),
        ql.Period(12 // b["per_year"], ql.Months),
        ql.NullCalendar(),
        ql.Unadjusted,
        ql.Unadjusted,
        rule,
        False,
    )
    day_count = ql.ActualActual(ql.ActualActual.ISMA, schedule) if b["day_count"] == "ACT/ACT ICMA" else COUNTS[b["day_count"]]
    made = ql.FixedRateBond(0, b["face"], schedule, [b["coupon_rate"]], day_count)
    frequency = {1: ql.Annual, 2: ql.Semiannual, 4: ql.Quarterly}[b["per_year"]]
    settlement = date(b["settlement"])
    rate = ql.InterestRate(b["yield"], day_count, ql.Compounded, frequency)
    return {
        "accrued": made.accruedAmount(settlement),
        "dirty_price": made.cleanPrice(b["yield"], day_count, ql.Compounded, frequency, settlement) + made.accruedAmount(settlement),
        "modified_duration": ql.BondFunctions.duration(made, rate, ql.Duration.Modified, settlement),
        "macaulay_duration": ql.BondFunctions.duration(made, rate, ql.Duration.Macaulay, settlement),
        "convexity": ql.BondFunctions.convexity(made, rate, settlement),
    }


json.dump(
    {
        "version": ql.__version__,
        "black_scholes": [black_scholes(o) for o in questions["options"]],
        "bachelier": [bachelier(o) for o in questions["normal"]],
        "american": [american(o) for o in questions["american"]],
        "years": [years(c) for c in questions["counts"]],
        "bonds": [bond(b) for b in questions["bonds"]],
    },
    sys.stdout,
)
