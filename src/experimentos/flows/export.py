"""An experiment to its memo, and both into the history: what the page's buttons do."""

import secrets
import shlex
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from experimentos.errors import ContractError
from experimentos.flows.ab_test import AbTest
from experimentos.flows.history import save_analysis, versions
from experimentos.ids import ordered_id
from experimentos.memo.subject import MemoFacts, MemoFields
from experimentos.plan.charter import EMPTY_CHARTER
from experimentos.store.port import Record, Store

type Form = Literal["md", "html"]
UNTITLED = "Untitled experiment"


def write_memo(
    test: AbTest,
    form: Form = "md",
    *,
    fields: MemoFields | None = None,
    facts: MemoFacts | None = None,
) -> str:
    """Return the decision memo as Markdown or as one self-contained HTML page.

    Parameters
    ----------
    form
        "md" or "html".
    fields
        Title, hypothesis, owner and notes; empty ones take the charter's.
    facts
        Moment, run id, command and versions; left out, `memo_facts(test)`.

    Raises
    ------
    ContractError
        If the form is neither.
    """
    from experimentos.memo.decision_memo import decision_memo

    if form not in ("md", "html"):
        raise ContractError(
            f"A memo has no form {form!r}.", hint="Use md or html; memo_pdf writes a PDF."
        )
    document = decision_memo(test, facts=facts or memo_facts(test), fields=fields)
    if form == "md":
        from experimentos.memo.markdown import render_markdown

        return render_markdown(document)
    from experimentos.memo.html import render_html

    return render_html(document)


def memo_pdf(
    test: AbTest, *, fields: MemoFields | None = None, facts: MemoFacts | None = None
) -> bytes:
    """Return the decision memo as a PDF; see `write_memo` for what it is made of."""
    from experimentos.memo.decision_memo import decision_memo
    from experimentos.memo.pdf import render_pdf

    return render_pdf(decision_memo(test, facts=facts or memo_facts(test), fields=fields))


def memo_facts(
    test: AbTest,
    *,
    made_at: datetime | None = None,
    run_id: str = "",
    mapping: Mapping[str, str] | None = None,
) -> MemoFacts:
    """Return what lets somebody else make the memo again; `made_at` left out is now."""
    return MemoFacts(
        made_at=made_at or datetime.now(UTC),
        run_id=run_id,
        command=f"experimentos history rerun {run_id}" if run_id else command(test, mapping),
        versions=versions(),
    )


def command(test: AbTest, mapping: Mapping[str, str] | None = None) -> str:
    """Return the command line that analyses the same file in the same way.

    A charter with more than a split in it has to be given as a file; the command then names
    `charter.yaml`. There is none ("") for a summary of raw rows, which is no file that was given.
    """
    summary = test.reading.summary
    if summary is not None and summary.source.scan is not None:
        return ""
    words = ["experimentos", "analyze", test.reading.name or "-"]
    split = test.charter.split
    if test.charter.model_copy(update={"split": None}) != EMPTY_CHARTER:
        words += ["--charter", "charter.yaml"]
    elif split:
        words += ["--split", ",".join(f"{share:g}" for share in split)]
    for name, column in (mapping or {}).items():
        words += _option(name, column)
    return shlex.join(words)


def keep(
    store: Store,
    test: AbTest,
    content: bytes,
    *,
    fields: MemoFields | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Record:
    """Save an analysis with both its memos, which name the id that it is saved under.

    Raises
    ------
    StoreError
        See `store.port.Store.save`.
    """
    now = datetime.now(UTC)
    id = ordered_id(now, secrets.token_bytes(10))  # noqa: A001 - the field's name
    facts = memo_facts(test, made_at=now, run_id=id, mapping=mapping)
    title = (fields or MemoFields()).over(test.charter).title or UNTITLED
    return save_analysis(
        store,
        test,
        content,
        title=title,
        memo_markdown=write_memo(test, "md", fields=fields, facts=facts),
        memo_html=write_memo(test, "html", fields=fields, facts=facts),
        mapping=mapping,
        id=id,
    )


def _option(name: str, column: str) -> list[str]:
    if name.startswith("where="):
        return ["--where", f"{name.removeprefix('where=')}={column}"]
    return ["--map", f"{name}={column}"]
