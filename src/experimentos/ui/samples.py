"""The example files that come with the repository."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from experimentos.plan.charter import Charter, GuardrailPlan, Monitoring

FOLDER = Path(__file__).resolve().parents[3] / ".tmp" / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """One example.

    Attributes
    ----------
    file : str
        Name in the folder of samples.
    label, story, icon : str
        What its button says, what it shows.
    charter : Charter
    """

    file: str
    label: str
    story: str
    icon: str
    charter: Charter

    @property
    def path(self) -> Path:
        """Return where the file lies."""
        return FOLDER / self.file


def _made_up(title: str, hypothesis: str, *guardrails: str) -> Charter:
    """Return a charter whose guardrails are better when lower."""
    plans = tuple(GuardrailPlan(name=name, direction="lower") for name in guardrails)
    return Charter(
        title=title, hypothesis=hypothesis, owner="Sample data", guardrails=plans or None
    )


SAMPLES = (
    Sample(
        "launch.csv",
        "A clear win",
        "The primary metric is better and the guardrails are clean",
        ":material/rocket_launch:",
        _made_up(
            "One-step checkout",
            "Merging address and payment into one step raises the share of visitors who order.",
            "cancellations",
            "support_tickets",
        ),
    ),
    Sample(
        "hold.csv",
        "Too small to tell",
        "The effect looks large, but so is its uncertainty",
        ":material/hourglass_top:",
        _made_up(
            "Shorter welcome email",
            "A shorter welcome email brings more first logins.",
            "cancellations",
        ),
    ),
    Sample(
        "rollback.csv",
        "A step back",
        "The primary metric got significantly worse",
        ":material/undo:",
        _made_up(
            "Full-screen banner",
            "A full-screen banner raises sign-ups.",
            "cancellations",
            "support_tickets",
        ),
    ),
    Sample(
        "guardrail_worse.csv",
        "Won, but at a price",
        "A better primary metric, paid for with cancellations",
        ":material/balance:",
        _made_up(
            "Pre-ticked trial",
            "Pre-ticking the free trial raises conversion.",
            "cancellations",
            "support_tickets",
        ),
    ),
    Sample(
        "srm_warning.csv",
        "Uneven traffic",
        "Traffic did not follow the planned split",
        ":material/call_split:",
        _made_up(
            "New landing page", "The new landing page brings more registrations.", "cancellations"
        ),
    ),
    Sample(
        "blocked.csv",
        "Data that must not pass",
        "More conversions than users, and sums that contradict each other",
        ":material/block:",
        _made_up("Loyalty badge", "A loyalty badge raises repeat orders."),
    ),
    Sample(
        "three_arms.csv",
        "Three arms",
        "Two treatments against one control, adjusted for looking twice",
        ":material/account_tree:",
        _made_up(
            "Registration form", "A shorter form raises completed registrations.", "cancellations"
        ),
    ),
    Sample(
        "two_weeks.csv",
        "Two weeks, two devices",
        "Days and segments: may it stop early, and does the effect differ?",
        ":material/calendar_month:",
        Charter(
            title="One-tap sign-up",
            hypothesis="Signing up with one tap raises registrations, above all on phones.",
            owner="Sample data",
            guardrails=(GuardrailPlan(name="cancellations", direction="lower"),),
            planned_users=28_000,
            start=date(2026, 2, 2),
            stop=date(2026, 2, 15),
            segments=("mobile", "desktop"),
            monitoring=Monitoring(kind="group_sequential"),
        ),
    ),
    Sample(
        "revenue_and_orders.csv",
        "Revenue and order value",
        "Means from sums of squares, and why order value needs care",
        ":material/payments:",
        _made_up("Free delivery threshold", "A lower threshold raises revenue per visitor."),
    ),
    Sample(
        "cookie_cats.csv",
        "Cookie Cats (real)",
        "90,189 players: does moving the first gate from level 30 to 40 keep them?",
        ":material/pets:",
        Charter(
            title="Cookie Cats: first gate at level 40",
            hypothesis="Moving the first gate from level 30 to level 40 keeps more players for "
            "seven days (conversion is 7-day retention).",
            owner="Published data",
            guardrails=(GuardrailPlan(name="retention_1"),),
        ),
    ),
    Sample(
        "udacity_screener.csv",
        "Udacity screener (real)",
        "A question about study time before a free trial",
        ":material/school:",
        Charter(
            title="Udacity: free-trial screener",
            hypothesis="Asking for the hours available lowers enrolments of people who would leave "
            "(conversion is enrolment after the click) without lowering payments.",
            owner="Published data",
            direction="lower",
            guardrails=(GuardrailPlan(name="payments", harm=0.0025, severe_harm=0.0075),),
        ),
    ),
    Sample(
        "asos_five_arms.csv",
        "ASOS, five arms (real)",
        "1.7 million visitors, one control and four treatments",
        ":material/storefront:",
        Charter(
            title="ASOS digital experiment b2da2e",
            hypothesis="At least one of four changes raises the primary metric.",
            owner="Published data",
        ),
    ),
)
