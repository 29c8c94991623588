"""What the ledger knows of the Web Connector: its visits, its sessions, its company."""

import re
from datetime import timedelta

from sqlalchemy.engine import Engine

from state import connector, runs, tables
from state import ledger as ledgers
from tests.state.rows import NOW

MINUTE = timedelta(minutes=1)


def test_its_mark_is_made_once_and_stays(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert connector.known(conn) is None
        mark = connector.file_id(conn)
        assert re.fullmatch(r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", mark)
        connector.asked_for(conn, 30)
        connector.belongs_to(conn, "Acme Inc.", r"C:\Books\acme.qbw", "QuickBooks Enterprise 24.0")
        known = connector.known(conn)
        assert known is not None
        assert (known.file_id, known.minutes, known.company, known.seen_at) == (mark, 30, "Acme Inc.", None)
        assert connector.file_id(conn) == mark


def test_two_missed_intervals_are_counted_from_its_last_visit(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        connector.visited(conn, NOW)
        known = connector.get(conn)
        assert known.seen_at == NOW
        assert [known.missed(NOW + minutes * MINUTE) for minutes in (0, 14, 15, 29, 30)] == [0, 0, 1, 1, 2]


def test_a_gap_or_two_is_a_weekend_and_a_third_is_a_habit(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        for hours in (0, 4, 8):
            connector.visited(conn, NOW + timedelta(hours=hours))
        assert connector.get(conn).interval == 15 * MINUTE
        connector.visited(conn, NOW + timedelta(hours=12))
        assert connector.get(conn).interval == timedelta(hours=4)


def test_a_visit_ends_an_alarm(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        connector.visited(conn, NOW)
        connector.alerted(conn, NOW + 31 * MINUTE)
        assert connector.get(conn).alerted_at == NOW + 31 * MINUTE
        connector.visited(conn, NOW + 40 * MINUTE)
        assert connector.get(conn).alerted_at is None


def test_a_session_is_found_by_its_ticket_and_kept_as_it_was_left(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        ticket, session = connector.open_session(conn, NOW)
        session.step, session.memory, session.body, session.said = "post", {"naps": 2}, b"<QBXML/>", "A word."
        connector.save(conn, session)
    with ledgers.begin(ledger) as conn:
        found = connector.session_of(conn, ticket, NOW + MINUTE)
        assert found is not None
        assert (found.step, found.memory, found.body, found.said) == ("post", {"naps": 2}, b"<QBXML/>", "A word.")
        assert found.last_at == NOW + MINUTE
        assert connector.session_of(conn, "0" * 64, NOW) is None
        assert [one.ticket for one in connector.recent(conn)] == [found.ticket]


def test_the_ticket_itself_is_not_kept(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        ticket, session = connector.open_session(conn, NOW)
        assert session.ticket == connector.digest(ticket) != ticket
        assert ticket not in str(conn.execute(tables.connector_session.select()).all())


def test_a_ticket_ends_by_silence_by_age_and_by_closing(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        ticket, session = connector.open_session(conn, NOW)
        assert connector.last_words(conn, ticket, NOW + connector.QUIET) == ""
        for later in (connector.QUIET + MINUTE, connector.LONGEST + MINUTE):
            assert connector.session_of(conn, ticket, NOW + later) is None
            assert connector.last_words(conn, ticket, NOW + later) is None
        connector.close(conn, session, NOW)
        assert connector.session_of(conn, ticket, NOW) is None
        assert connector.last_words(conn, ticket, NOW) is None
        assert connector.ended(conn, ticket) is not None


def test_an_open_session_keeps_the_company_until_it_falls_silent(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert not connector.occupied(conn, NOW)
        ticket, session = connector.open_session(conn, NOW)
        assert connector.occupied(conn, NOW + 4 * MINUTE)
        assert not connector.occupied(conn, NOW + 5 * MINUTE)
        left = connector.ended(conn, ticket)
        run = runs.get(conn, session.run)
        assert left is not None and not left.open
        assert run is not None and run.finished_at == NOW + 5 * MINUTE
