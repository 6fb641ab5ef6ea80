"""Pages: all elements once, and page tokens that are good for their own list only."""

from connection import Refused
from walk.members import digest
from walk.methods import METHODS
from walk.rows import OPERATOR, acting, bearer

ADA, LIA = acting("ada"), acting("lia")
COUNT = 120


def make_tokens(walk):
    for first in range(0, COUNT, 60):
        walk.call("ImportTokens", walk.message("ImportTokens", {"tokens": [
            {"digest": digest(f"listed {number}"), "name": f"listed {number}", "owner_id": "lia",
             "scopes": ["issues:read"]} for number in range(first, first + 60)]}), ADA)


def walk_pages(walk, name, field, request, caller, between=lambda: None):
    """All elements, page by page. `between` is done behind each page."""
    elements, sizes, page_token = [], [], ""
    while True:
        page = walk.call(name, walk.message(name, {**request, "page_token": page_token}), caller)
        elements += getattr(page, field)
        sizes.append(len(getattr(page, field)))
        page_token = page.next_page_token
        if not page_token:
            return elements, sizes, page.total_size
        between()


def expect(walk, case, got, expected):
    walk.row_count += 1
    if got != expected:
        walk.fail(case, [f"expected {expected}", f"got      {got}"])


def check_pages(walk):
    make_tokens(walk)
    newest_first = [f"listed {number}" for number in reversed(range(COUNT))]
    tokens, sizes, total = walk_pages(walk, "ListTokens", "tokens", {"page_size": 50}, LIA)
    expect(walk, "ListTokens: pages of 50", ([token.name for token in tokens], sizes, total),
           (newest_first, [50, 50, 20], COUNT))

    ids = iter([token.id for token in tokens[60:]])

    def change():
        """A new one comes before all, and one goes that is still to be listed."""
        name = f"new {len(walk.names)}"
        walk.names[name] = walk.call(
            "CreateToken", walk.message("CreateToken", {"name": name, "scopes": ["issues:read"]}), LIA)
        walk.call("RevokeToken", walk.message("RevokeToken", {"id": next(ids)}), LIA)

    changing, _, _ = walk_pages(walk, "ListTokens", "tokens", {"page_size": 50}, LIA, change)
    expect(walk, "ListTokens: while others write", [token.name for token in changing], newest_first)

    prefix, _, total = walk_pages(walk, "ListTokens", "tokens", {"page_size": 5, "name_prefix": "listed 1"}, LIA)
    expect(walk, "ListTokens: pages of a filter", ([token.name for token in prefix], total),
           ([name for name in newest_first if name.startswith("listed 1")], 31))
    default, sizes, _ = walk_pages(walk, "ListTokens", "tokens", {}, LIA)
    expect(walk, "ListTokens: pages of no size", sizes, [25, 25, 25, 25, 22])

    for name, field, key, request, caller in [
            ("ListServiceAccounts", "service_accounts", "id", {}, ADA),
            ("ListServiceAccountTokens", "tokens", "id", {"service_account_id": "{pages.service_account.id}"}, ADA),
            ("ListMembers", "members", "user_id", {}, ADA),
            ("ListWorkspaces", "workspaces", "id", {}, OPERATOR),
            ("ListEvents", "events", "seq", {"action": "service_account.*"}, acting("cam"))]:
        one_by_one = walk_pages(walk, name, field, {**request, "page_size": 1}, caller)[0]
        at_once, sizes, total = walk_pages(walk, name, field, {**request, "page_size": 100}, caller)
        keys = [getattr(element, key) for element in at_once]
        expect(walk, f"{name}: one by one", [getattr(element, key) for element in one_by_one], keys)
        expect(walk, f"{name}: as many as there are", (sum(sizes), len(set(keys)), len(keys) > 1),
               (total, total, True))


def reason(walk, name, request, caller):
    try:
        walk.call(name, walk.message(name, request), caller)
        return "no refusal"
    except Refused as refusal:
        fields = [problem.field for problem in refusal.problems.field_violations]
        return " ".join([refusal.info.reason] + fields)


def check_page_tokens(walk):
    first = walk.call("ListTokens", walk.message("ListTokens", {"page_size": 50}), LIA)
    token = first.next_page_token
    expect(walk, "a page token with another page size", reason(
        walk, "ListTokens", {"page_size": 10, "page_token": token}, LIA), "no refusal")
    members = walk.call("ListMembers", walk.message("ListMembers", {"page_size": 1}), ADA).next_page_token
    for case, name, request, caller in [
            ("with another filter", "ListTokens", {"name_prefix": "listed", "page_token": token}, LIA),
            ("of another list", "ListTokens", {"page_token": members}, ADA),
            ("of another caller", "ListTokens", {"page_token": token}, acting("rea")),
            ("of another caller, for the same list", "ListTokens", {"page_token": token, "owner_id": "lia"}, ADA),
            ("of another workspace", "ListMembers", {"page_token": members}, acting("bob", "ws_other")),
            ("cut off", "ListTokens", {"page_token": token[:-1]}, LIA),
            ("with something behind it", "ListTokens", {"page_token": token + "A"}, LIA),
            ("that is none", "ListTokens", {"page_token": "x"}, LIA)]:
        expect(walk, f"a page token {case}", reason(walk, name, request, caller), "validation_error page_token")
    changed = {
        reason(walk, "ListTokens", {"page_token": token[:place] + other + token[place + 1:]}, LIA)
        for place in range(len(token)) for other in "AZaz09-_" if token[place] != other}
    expect(walk, "a page token with any one character changed", changed, {"validation_error page_token"})


def check_all(walk):
    walk.names["pages"] = walk.names["full"]
    for number in range(3):
        walk.call("IssueServiceAccountToken", walk.message("IssueServiceAccountToken", {
            "service_account_id": "{full.service_account.id}", "name": f"n{number}"}), ADA)
    check_pages(walk)
    check_page_tokens(walk)
    walk.new_events()
