"""Every threshold and tolerance, each with its reason and source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of the house; a workspace may replace any of them, and the memo says so.

    Attributes
    ----------
    alpha : float in (0, 1)
        Two-sided significance level when the charter names none.
    srm_note_p, srm_warning_p, srm_blocked_p : float in (0, 1)
        Sample ratio mismatch: noted, Warning (decision Hold), Blocked. GrowthBook
        (shared/src/constants.ts), Eppo and Statsig alert at 0.001; what a mismatch does to a
        result is Fabijan et al. 2019 (KDD). Below 1e-5 the planned split cannot be believed.
    srm_sequential_concentration : float
        Weight of the planned split in the alternative of the sequential SRM test: the larger, the
        smaller the mismatch it is tuned to. Optimizely's ssrm-test uses 10,000.
    srm_exact_users : int
        Up to this many users in all the SRM test is exact (multinomial), above it chi-square.
    srm_exact_tables : int
        Most tables that the exact test lists; with more (many arms) it is the chi-square test.
        Three arms of 1,000 users in all need 501,501, listed in about 60 ms.
    segment_exact_tables : int
        The same inside one segment or day: there may be hundreds of them.
    expected_count_exact : float
        Below this expected count in a cell the exact test is shown (Cochran 1954).
    several_arms_blocked : float, share of units
        Raw rows: when more units than this were in several arms, the assignment does not hold and
        nothing is analysed; up to it they are left out with a warning (GrowthBook warns at 1 %).
    small_arm_users : int
        Fewer users than this in an arm raise a small-sample warning: the 95 % interval of a rate
        near one half is then wider than plus or minus 10 points.
    balance_warning_t : float
        A covariate from before the experiment that differs between arms by more than this many
        standard errors is doubted. A shift of 4 standard errors is seen in 95 % of experiments
        (4 - 1.645 = 2.355); 1.9 % of sound covariates are doubted by chance.
    balance_t : float
        By more than this many (p < 0.0001) it is not from before, or the split is broken, and the
        adjusted result is refused: CUPED needs a covariate that the treatment cannot move (Deng,
        Xu, Kohavi and Walker 2013, WSDM). Not lower: a chance imbalance is what CUPED corrects,
        and to fall back on the raw mean just then would reject too often.
    usual_alpha_low, usual_alpha_high : float in (0, 1)
        A planned alpha outside this range is noted as unusual: below, few experiments can find
        anything (Benjamin et al. 2018 propose 0.005; a family of five makes it 0.001); above, more
        than one ineffective treatment in ten looks different.
    guardrail_harm : float, share
        A rate guardrail is worse when its harm exceeds this (0.1 points; seed 001).
    guardrail_severe_harm : float, share
        A rate guardrail is severely worse when its harm exceeds this (0.3 points; seed 001).
    guardrail_relative_harm, guardrail_relative_severe_harm : float, share of the control mean
        The same for means and ratios.
    guardrail_severe_needs_evidence : bool
        False, as seed 001 writes the rule: a harm beyond the severe limit rolls back even when it
        may be noise, because a launch can be tried again and a harm not undone.
        True asks for significance too: right where guardrails are many or arms small, so that
        noise alone would often roll back; a harm without evidence then Holds.
    limit_tolerance : float
        Relative floating noise allowed when a harm is compared with its limit: 0.101 - 0.1 is
        0.0010000000000000009 in doubles, and a harm of exactly the limit is not beyond it.
    negligible_relative : float, share of the control value
        When the charter has no MDE, an effect whose whole interval lies within this relative
        distance of zero is called negligible.
    power : float in (0, 1)
        Power at which the minimum detectable effect is stated.
    second_moment_tolerance : float
        Relative floating noise allowed in sum_sq >= sum^2 / n.
    cancellation_digits : float
        Warn when sum_sq / (sum_sq - sum^2/n) exceeds this: the sums have lost about six of the
        16 digits of a double (notes on calibration, row 6).
    zero_variance_share : float
        A variance below this share of the squares is rounding, not variation: sums kept in
        doubles (2.2e-16) carry no digit of it.
    exact_integer : int
        Largest count that a double holds exactly, 2^53.
    upload_bytes, upload_rows, upload_columns, upload_cell_characters, upload_line_bytes : int
        Caps of the aggregated contract, checked before parsing (security notes, section 4).
    zip_bytes, zip_ratio : int
        Most that a workbook may unpack to, and most that it may expand by.
    document_bytes, document_depth : int
        Caps of a charter or other hand-written document: size, and levels of nesting.
    samples_bytes, samples_rows : int
        Caps of a file of repeated samples, checked before its numbers are read.
    samples_per_cell, samples_per_cell_soft : int
        Most samples of one scenario and model, and the number above which a note asks whether new
        scenarios would not tell more (seed 004).
    """

    alpha: float = 0.05
    srm_note_p: float = 0.01
    srm_warning_p: float = 0.001
    srm_blocked_p: float = 0.00001
    srm_sequential_concentration: float = 10_000.0
    srm_exact_users: int = 1_000
    srm_exact_tables: int = 1_000_000
    segment_exact_tables: int = 20_000
    expected_count_exact: float = 5.0
    several_arms_blocked: float = 0.01
    small_arm_users: int = 100
    balance_warning_t: float = 2.355
    balance_t: float = 4.0
    usual_alpha_low: float = 0.001
    usual_alpha_high: float = 0.1
    guardrail_harm: float = 0.001
    guardrail_severe_harm: float = 0.003
    guardrail_relative_harm: float = 0.01
    guardrail_relative_severe_harm: float = 0.03
    guardrail_severe_needs_evidence: bool = False
    limit_tolerance: float = 1e-9
    negligible_relative: float = 0.01
    power: float = 0.8
    second_moment_tolerance: float = 1e-9
    cancellation_digits: float = 1e6
    zero_variance_share: float = 1e-15
    exact_integer: int = 2**53
    upload_bytes: int = 5 * 2**20
    upload_rows: int = 1_000
    upload_columns: int = 200
    upload_cell_characters: int = 10_000
    upload_line_bytes: int = 2**20
    zip_bytes: int = 50 * 2**20
    zip_ratio: int = 100
    document_bytes: int = 2**18
    document_depth: int = 64
    samples_bytes: int = 200 * 2**20
    samples_rows: int = 1_000_000
    samples_per_cell: int = 100
    samples_per_cell_soft: int = 20


DEFAULT_POLICY = Policy()
