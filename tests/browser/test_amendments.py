"""What was signed is amended in a real browser, without a mouse."""

from datetime import UTC, datetime

import pytest
from argon2.profiles import CHEAPEST
from playwright.sync_api import expect
from sqlalchemy import update

from tests.browser.test_requests import choose, fill, reads_well, send
from tests.browser.test_retention import PASSWORD, come_in
from tests.builders import Cast, as_owner, small_province, ticking
from tests.usecases.test_amend import BASIS, enter_basis, of_the_tax_office
from vetting.config import Settings
from vetting.engine.vocabulary import Role
from vetting.records.database import Database
from vetting.records.officers import officers
from vetting.records.passwords import Passwords
from vetting.web import create_app


@pytest.fixture
def ground(serve, sqlite_url, tmp_path):
    """A closed case, with an opinion of the tax office that turns out to be wrong."""
    database = Database(sqlite_url)
    with as_owner(database).writing() as connection:
        small_province(connection)
        enter_basis(connection)
    ids = ticking(datetime(2026, 2, 3, 2, 0, tzinfo=UTC))
    cast = Cast(database, ids)
    case = cast.closed(name="Đặng Thị Sửa")
    asked = of_the_tax_office(cast, case)
    with as_owner(database).writing() as connection:
        kept = Passwords(CHEAPEST).hash(PASSWORD)
        connection.execute(update(officers).values(password_hash=kept))
    settings = Settings(database_url=sqlite_url, folder=tmp_path, secret_key="a key for tests only")
    app = create_app(settings, ids=ids, passwords=Passwords(CHEAPEST))
    yield serve(app), case, asked
    database.close()


def test_an_opinion_and_a_conclusion_are_amended_without_a_mouse(ground, new_page, axe, screenshot):
    address, case, asked = ground
    drafter, signer, secretary = (new_page() for _ in range(3))
    come_in(drafter, address, "thue", Role.BODY_OFFICER)
    drafter.goto(f"{address}/consultations/{asked}/amendment")
    expect(drafter.locator("input[type=radio]:checked")).to_have_count(0)
    reads_well(drafter, axe, screenshot, "amend-opinion")
    decide(drafter, kind=0)
    choose(drafter, "verdict", 2)
    fill(drafter, reasons="Có vi phạm về thuế.")
    send(drafter)
    expect(drafter.locator("main")).to_contain_text("chờ ký")

    come_in(signer, address, "thue", Role.BODY_SIGNER)
    signer.goto(f"{address}/consultations/{asked}/amendment/sign")
    reads_well(signer, axe, screenshot, "amend-sign")
    choose(signer, "answer", 0)
    send(signer)
    expect(signer.locator("main")).to_contain_text("Có vi phạm về thuế.")

    come_in(secretary, address, "thuong-truc", Role.SECRETARY)
    secretary.goto(f"{address}/cases/{case}/amend-conclusion")
    reads_well(secretary, axe, screenshot, "amend-conclusion")
    decide(secretary, kind=1)
    send(secretary)
    expect(secretary.locator("main")).to_contain_text("Ghi nhầm.")
    reads_well(secretary, axe, screenshot, "amended")


def decide(page, kind):
    choose(page, "kind", kind)
    choose(page, "ground", 0)
    page.locator("#basis").select_option(BASIS)
    fill(page, reason="Ghi nhầm.", decided_on="03/02/2026", effective_on="03/02/2026")
