"""Forms as they stand on pages: what each asks for, a plausible answer, and how to send it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import quote_plus

from tests.house.judging import faults_of
from tests.house.province import ONE_A_ROLE
from tests.house.site import NOBODY, Route, Site
from vetting.engine.policy import PERMITTED, Action

LIST = "STT,Họ và tên,Ngày sinh,Chức danh quy hoạch\n1,Trần Văn Tệp,02/03/1981,Bí thư\n".encode()
WORDS = "Nội dung 7Q"
HIDDEN = {"csrf_token", "key", "seen"}
TICKED = ("filed", "checking", "accepted", "assembling", "proposed", "submitted", "notified")


@dataclass(frozen=True)
class Control:
    """One control of a form."""

    name: str
    kind: str
    values: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str | None], ...] = ()

    @property
    def numeric(self) -> bool:
        return dict(self.attributes).get("inputmode") == "numeric" or self.kind == "number"

    def answer(self) -> list[str]:  # noqa: PLR0911  # one return a kind
        """A plausible answer."""
        match self.kind:
            case "hidden":
                return list(self.values)
            case "select":
                return [next((value for value in self.values if value), "")]
            case "radio":
                return list(self.values[:1])
            case "checkbox":
                return list(self.values)
            case "textarea":
                return [WORDS]
            case "password":
                wanted = dict(self.attributes).get("autocomplete") == "new-password"
                return ["con trâu đứng ngắm mưa" if wanted else "mot mat khau dai"]
            case "file":
                return []
        if self.values[:1] and self.values[0]:
            return [self.values[0]]
        if self.numeric:
            is_day = dict(self.attributes).get("autocomplete") == "off"
            return ["01/09/2026" if is_day else "3"]
        return [WORDS]


@dataclass
class Form:
    """A form, whose page it stands on and who sees it there."""

    page: str
    visitor: str
    action: str
    endpoint: str = ""
    controls: list[Control] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(control.name for control in self.controls))

    def pairs(self) -> list[tuple[str, str]]:
        """The form as somebody sends it who answers everything."""
        return [
            (control.name, value)
            for control in self._merged()
            if control.kind != "button"
            for value in control.answer()
        ] + [
            (control.name, control.values[0])
            for control in [one for one in self.controls if one.kind == "button"][:1]
        ]

    def files(self) -> list[str]:
        return [control.name for control in self.controls if control.kind == "file"]

    def written(self) -> list[str]:
        """The fields in which people write."""
        return [
            control.name
            for control in self.controls
            if control.kind in {"text", "textarea"} and control.answer() == [WORDS]
        ]

    def _merged(self) -> Iterator[Control]:
        groups: dict[str, Control] = {}
        for control in self.controls:
            known = groups.get(control.name)
            groups[control.name] = (
                replace(known, values=known.values + control.values)
                if known and known.kind == control.kind and known.kind in {"radio", "checkbox"}
                else known or control
            )
        yield from groups.values()


def send(site: Site, form: Form, pairs, *, files=None, **more):
    """Post a form; a value may be text or raw bytes."""
    files = dict.fromkeys(form.files(), LIST) if files is None else files
    if form.visitor == NOBODY:
        pairs = _for_this_browser(site, form, pairs)
    if files:
        body, kind = _multipart(pairs, files)
    else:
        body, kind = _encoded(pairs), "application/x-www-form-urlencoded"
    return site.browser(form.visitor).post(
        form.action, data=body, content_type=more.pop("content_type", kind), **more
    )


def _for_this_browser(site: Site, form: Form, pairs):
    """Exchange the token for that of the browser: before anybody signs in it has one of its own."""
    old = next(control.values[0] for control in form.controls if control.name == "csrf_token")
    page = site.browser(NOBODY).get(form.page)
    fresh = next(
        control.values[0]
        for one in forms_of(site, page, NOBODY)
        for control in one.controls
        if control.name == "csrf_token"
    )
    return [(name, fresh if value == old else value) for name, value in pairs]


def _bytes(value) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _encoded(pairs) -> bytes:
    return "&".join(
        f"{quote_plus(name)}={quote_plus(_bytes(value))}" for name, value in pairs
    ).encode()


def _multipart(pairs, files) -> tuple[bytes, str]:
    parts = [
        f'--here\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + _bytes(value)
        for name, value in pairs
    ]
    parts += [
        f'--here\r\nContent-Disposition: form-data; name="{name}"; filename="list.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n".encode()
        + content
        for name, content in files.items()
    ]
    return b"\r\n".join([*parts, b"--here--\r\n"]), "multipart/form-data; boundary=here"


def forms_of(site: Site, answer, visitor: str) -> Iterator[Form]:
    """Yield the forms of a page that post, with the route that takes each."""
    reader = _Reader(answer.request.full_path.rstrip("?"), visitor)
    reader.feed(answer.text)
    reader.close()
    router = site.app.url_map.bind("")
    for form in reader.forms:
        form.endpoint = router.match(form.action.partition("?")[0], method="POST")[0]
        yield form


@dataclass
class Survey:
    """Every page that was opened: what was wrong with it, and one form of each kind."""

    pages: int = 0
    faults: list[str] = field(default_factory=list)
    forms: dict[tuple[str, frozenset[str]], Form] = field(default_factory=dict)
    opened: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # visitor: endpoint

    def by_endpoint(self) -> list[Form]:
        """One form for each route that takes one."""
        return list({form.endpoint: form for form in reversed(self.forms.values())}.values())


def survey(site: Site) -> Survey:
    """Open every page as those who may, on every case, until its own form has been seen."""
    found = Survey()
    for visitor in [NOBODY, *ONE_A_ROLE]:
        for route in site.routes("GET"):
            if _may(site, visitor, route):
                _look(site, visitor, route, found)
    return found


def _may(site: Site, visitor: str, route: Route) -> bool:
    if visitor == NOBODY:
        return route.action is Action.OPEN
    return site.role(visitor) in PERMITTED[route.action]


def _look(site: Site, visitor: str, route: Route, found: Survey) -> None:
    own_form = "POST" in route.rule.methods
    for filled in route.filled(site.province):
        address = route.address(filled)
        answer = site.browser(visitor).get(address + _ticked(site, address))
        found.pages += 1
        found.faults += [f"{address} of {visitor}: {it}" for it in faults_of(answer)]
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        opened = found.opened.setdefault(visitor, {}).setdefault(route.endpoint, [])
        opened.append(answer.request.full_path.rstrip("?"))
        seen = False
        for form in forms_of(site, answer, visitor):
            found.forms.setdefault((form.endpoint, frozenset(form.names)), form)
            seen |= form.endpoint == route.endpoint
        if own_form and seen:
            return


def _ticked(site: Site, address: str) -> str:
    """Tick cases where a page acts on those that were ticked in a list."""
    at = site.province.cases
    if address == "/work/consult":
        return f"?case={at['accepted']}"
    if address.startswith("/work/") or address == "/submitted/conclude":
        return "?" + "&".join(f"case={at[place]}" for place in TICKED)
    return ""


class _Reader(HTMLParser):
    def __init__(self, page: str, visitor: str) -> None:
        super().__init__()
        self.page, self.visitor = page, visitor
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select: tuple[str, dict, list[str]] | None = None
        self._outside: dict[str, Form] = {}

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form" and told.get("method", "get").lower() == "post":
            self._form = Form(self.page, self.visitor, told.get("action") or self.page)
            self.forms.append(self._form)
            if "id" in told:
                self._outside[told["id"]] = self._form
        form = self._outside.get(told.get("form", ""), self._form)
        if tag == "option" and self._select is not None:
            self._select[2].append(told.get("value") or "")
        if form is not None and tag == "button" and told.get("formaction"):
            self._elsewhere(form, told["formaction"])
            return
        if form is None or not told.get("name") or "disabled" in told:
            return
        if tag == "select":
            self._select = told["name"], told, []
            self._select_form = form
        elif tag == "textarea":
            form.controls.append(Control(told["name"], "textarea", (), tuple(attrs)))
        elif tag == "button":
            value = (told.get("value") or "",)
            form.controls.append(Control(told["name"], "button", value, tuple(attrs)))
        elif tag == "input":
            kind = told.get("type") or "text"
            value = told.get("value")
            values = (value if value is not None else "on" if kind == "checkbox" else "",)
            form.controls.append(Control(told["name"], kind, values, tuple(attrs)))

    def _elsewhere(self, form: Form, action: str) -> None:
        """Count a form once more for each other address that a button of it leads to."""
        if all(one.action != action for one in self.forms):
            other = Form(self.page, self.visitor, action, controls=form.controls)
            self.forms.append(other)

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            name, told, values = self._select
            self._select_form.controls.append(
                Control(name, "select", tuple(values), tuple(told.items()))
            )
            self._select = None
