"""NautilusTrader: its backtest engine on bars, market orders filled at the close of the bar in hand."""
import time
from decimal import Decimal

import nautilus_trader
import pandas as pd
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import USD, USDT
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TraderId, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Currency, Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

from common import Work, ema_sides, folder, long_short_targets, report, schedule

VENUE = Venue("SIM")


class Play(Strategy):
    """Trades towards the targets of the row in hand once the last symbol's bar of it has come; a flip is two orders."""

    def __init__(self, instruments, bar_types, targets, size):
        super().__init__()
        self._instruments = instruments
        self._bar_types = bar_types
        self._targets = targets
        self._qty = [instrument.make_qty(size) for instrument in instruments]
        self._held = [0] * len(instruments)
        self._seen = 0
        self._row = -1
        self.sent = 0
        self.bars = 0

    def on_start(self):
        for bar_type in self._bar_types:
            self.subscribe_bars(bar_type)

    def on_bar(self, bar):
        self.bars += 1
        self._seen += 1
        if self._seen < len(self._instruments):
            return
        self._seen = 0
        self._row += 1
        if self._targets is None:
            return
        targets = self._targets[self._row]
        for n, instrument in enumerate(self._instruments):
            target, held = targets[n], self._held[n]
            if target == held:
                continue
            if held != 0:
                self._send(n, instrument, -held)
            if target != 0:
                self._send(n, instrument, target)
            self._held[n] = target

    def _send(self, n, instrument, side):
        self.sent += 1
        order = self.order_factory.market(instrument.id, OrderSide.BUY if side > 0 else OrderSide.SELL, self._qty[n])
        self.submit_order(order)


def instrument_of(symbol, scale, quote, size_scale, fee):
    """A pair of a made-up unit against the account's currency: a margin account may be long and short of it."""
    return CurrencyPair(
        instrument_id=InstrumentId(Symbol(symbol), VENUE),
        raw_symbol=Symbol(symbol),
        base_currency=Currency(symbol[:10], 8, 0, symbol, nautilus_trader.model.enums.CurrencyType.CRYPTO),
        quote_currency=quote,
        price_precision=scale,
        size_precision=size_scale,
        price_increment=Price(10.0**-scale, scale),
        size_increment=Quantity(10.0**-size_scale, size_scale),
        lot_size=None,
        max_quantity=None,
        min_quantity=None,
        max_notional=None,
        min_notional=None,
        max_price=None,
        min_price=None,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=Decimal(fee),
        taker_fee=Decimal(fee),
        ts_event=0,
        ts_init=0,
    )


def targets_of(work):
    if work.kind == "ema":
        column = work.columns[work.symbols[0]]
        sides = ema_sides(column["open"], column["high"], column["low"], column["close"])
        held, targets = 0, []
        for side in sides:
            held = int(side) if side != 0 else held
            targets.append([held])
        return targets, 0.001
    if work.kind == "schedule":
        held = schedule(work.rows, work.terms["every"]).cumsum().tolist()
        return [[side] * len(work.symbols) for side in held], 1
    if work.kind == "long_short":
        return long_short_targets(work).tolist(), 10
    return None, 1


def main():
    work = Work(folder())
    ema = work.kind == "ema"
    quote, scale, size_scale, fee = (USDT, 2, 3, "0.001") if ema else (USD, 2, 0, "0")
    unit = "1-DAY" if work.kind == "long_short" else "1-MINUTE"
    config = BacktestEngineConfig(
        trader_id=TraderId("BENCH-001"), logging=LoggingConfig(bypass_logging=True), risk_engine=RiskEngineConfig(bypass=True), run_analysis=False
    )
    engine = BacktestEngine(config=config)
    engine.add_venue(
        venue=VENUE, oms_type=OmsType.NETTING, account_type=AccountType.MARGIN, base_currency=quote, starting_balances=[Money(work.cash, quote)]
    )
    instruments, bar_types = [], []
    for symbol in work.symbols:
        instrument = instrument_of(symbol, scale, quote, size_scale, fee)
        engine.add_instrument(instrument)
        bar_type = BarType.from_str(f"{instrument.id}-{unit}-LAST-EXTERNAL")
        columns = work.columns[symbol]
        frame = pd.DataFrame({**{name: values.copy() for name, values in columns.items()}, "volume": 1_000_000.0}, index=pd.to_datetime(work.ts, unit="ms", utc=True))
        engine.add_data(BarDataWrangler(bar_type, instrument).process(frame), sort=False)
        instruments.append(instrument)
        bar_types.append(bar_type)
    engine.sort_data()
    targets, size = targets_of(work)
    play = Play(instruments, bar_types, targets, size)
    engine.add_strategy(play)
    start = time.perf_counter()
    engine.run()
    seconds = time.perf_counter() - start
    if play.bars != work.bars:
        raise SystemExit(f"{play.bars} bars were delivered, not {work.bars}")
    account = engine.cache.account_for_venue(VENUE)
    equity = float(account.balance_total(quote))
    for position in engine.cache.positions_open():
        symbol = position.instrument_id.symbol.value
        last = work.columns[symbol]["close"][-1]
        equity += float(position.unrealized_pnl(Price(last, scale)))
    report("nautilus", nautilus_trader.__version__, work, seconds, play.sent, equity, "margin account without margins; bars made and sorted before the clock starts")


main()
