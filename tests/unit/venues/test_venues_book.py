"""Best bid and ask of a whole market."""

import pytest

from engine.contracts.errors import PyroError
from engine.venues.book import Best, book_request, parse_book


def test_each_market_is_asked_where_it_documents():
    assert book_request("binance_spot").path == "/api/v3/ticker/bookTicker"
    assert book_request("binance_futures").path == "/fapi/v1/ticker/bookTicker"
    assert (book_request("binance_spot").weight, book_request("binance_futures").weight) == (4, 5)
    assert book_request("oanda") is None


def test_halted_and_crossed_symbols_have_no_spread():
    rows = (
        '{"symbol":"A","bidPrice":"1.50","bidQty":"3","askPrice":"1.52","askQty":"1","time":5}',
        '{"symbol":"B","bidPrice":"0.00","bidQty":"0","askPrice":"0.00","askQty":"0"}',
        '{"symbol":"C","bidPrice":"2.00","bidQty":"3","askPrice":"1.99","askQty":"1"}',
    )
    assert parse_book(f"[{','.join(rows)}]".encode()) == [Best("A", 1.5, 1.52)]


@pytest.mark.parametrize("body", [b"", b"{}", b'[{"symbol":"A"}]', b'[{"symbol":"A","bidPrice":"x","askPrice":"1"}]'])
def test_anything_else_is_said(body):
    with pytest.raises(PyroError):
        parse_book(body)
