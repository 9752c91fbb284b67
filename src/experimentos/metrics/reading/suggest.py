"""Which column is probably which: offered to a person, never applied silently."""

from collections.abc import Iterable

from experimentos.metrics.reading.names import skeleton

SYNONYMS = {
    "variant": (
        "group arm bucket test_group variation variant_name experiment_group treatment_group "
        "exp_group cohort branch condition version cell"
    ),
    "users": (
        "visitors n sample samples sample_size participants user_count num_users n_users "
        "unique_users uniques subjects units exposures exposed total total_users visits "
        "sessions impressions trials"
    ),
    "conversions": (
        "converted conversion conv convs purchases orders_count order_count successes success "
        "signups sign_ups clicks num_conversions n_conversions converters buyers purchasers "
        "events goals x k"
    ),
    "segment": "platform country device browser region",
    "date": "day ds dt event_date",
}
COLUMN_SYNONYMS = {word: name for name, words in SYNONYMS.items() for word in words.split()}
CONTROL_NAMES = (
    "control",
    "ctl",
    "ctrl",
    "baseline",
    "base",
    "a",
    "original",
    "default",
    "old",
    "0",
)


def suggested_columns(found: Iterable[str]) -> dict[str, str]:
    """Return contract name to the file's column for the names that are known synonyms."""
    suggestion: dict[str, str] = {}
    found = list(found)
    taken = {skeleton(name) for name in found}
    for name in found:
        ours = COLUMN_SYNONYMS.get(skeleton(name).replace(" ", "_").replace("-", "_"))
        if ours is not None and ours not in taken and ours not in suggestion:
            suggestion[ours] = name
    return suggestion


def suggested_control(arms: Iterable[str]) -> str | None:
    """Return the arm whose name most looks like a control, or None."""
    by_name = {skeleton(arm): arm for arm in arms}
    for name in CONTROL_NAMES:
        if name in by_name:
            return by_name[name]
    return None
