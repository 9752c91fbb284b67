"""One sentence per rule: what it says, and what is read."""

import pytest

from experimentos.design.parse.describe import parse_design

LEVELS = [
    ("Varieties Ladak, Cossack and Ranger.", "variety", ("Ladak", "Cossack", "Ranger"), None),
    ("Two wools, A and B.", "wool", ("A", "B"), None),
    ("Four cultures (K1-K4) were compared.", "culture", ("K1", "K2", "K3", "K4"), None),
    ("Screw speed 40/60 rpm.", "screw speed", ("40", "60"), "rpm"),
    ("Curing in water or in air.", "curing", ("water", "air"), None),
    ("Plants with and without a fungicide.", "fungicide", ("with", "without"), None),
    ("2 (prime: money vs neutral) between subjects.", "prime", ("money", "neutral"), None),
    ("We compile with gcc 12 versus clang 17.", "treatment", ("gcc 12", "clang 17"), None),
    ("Half get the new app, the rest get a booklet.", "treatment", ("app", "booklet"), None),
    ("Control = old page, treatment = short page.", "treatment", ("old page", "short page"), None),
    ("The heater was on or off.", "heater", ("on", "off"), None),
    ("Coolant on/off in every run.", "coolant", ("on", "off"), None),
    ("We watched six urban and six rural nests.", "group", ("urban", "rural"), None),
    ("Product A, product B and tap water.", "product", ("A", "B", "tap water"), None),
    ("Four diets A-D were fed.", "diet", ("A", "B", "C", "D"), None),
    ("Lures for E. coli, B. cereus.", "species", ("E. coli", "B. cereus"), None),
    ("Subject line 'Buy now' or 'Read on'.", "line", ("Buy now", "Read on"), None),
    ("Fed once, twice or three times a day.", "frequency", ("once", "twice", "three times"), None),
    ("More than 2 (low anchor) or 9 (high anchor).", "anchor", ("low", "high"), None),
    (
        "All begin with usual care and switch to the new app at a random week.",
        "treatment",
        ("usual care", "new app"),
        None,
    ),
    (
        "Concentrations: control, 5, 10 and 20 mg/L of copper.",
        "copper concentration",
        ("control", "5", "10", "20"),
        "mg/L",
    ),
    ("Sown at 150, 250 or 350 seeds per square metre.", "level", ("150", "250", "350"), "seeds/m2"),
    ("Pain was scored at 6, 12 and 24 h.", "time", ("6", "12", "24"), "h"),
    ("Mixing ratio 1:1, 2:1 or 4:1.", "mixing ratio", ("1:1", "2:1", "4:1"), None),
    (
        "Treatments are rye, clover and bare soil.",
        "treatment",
        ("rye", "clover", "bare soil"),
        None,
    ),
    ("Two glues for wooden joints, epoxy and hide.", "glue", ("epoxy", "hide"), None),
    ("One pump runs at 40 rpm and the other one at 60 rpm.", "speed", ("40", "60"), "rpm"),
    ("Cured at 18 C overnight or 37 C for 4 h.", "temperature", ("18", "37"), "degC"),
    ("Yeast was grown on glucose or galactose.", "treatment", ("glucose", "galactose"), None),
    ("Wool woven at low, medium or high tension.", "tension", ("low", "medium", "high"), None),
    ("We took three samples in spring and three in autumn.", "season", ("spring", "autumn"), None),
    (
        "Pots were inoculated with rhizobia or left uninoculated.",
        "rhizobia",
        ("inoculated", "uninoculated"),
        None,
    ),
    ("They slept once with earplugs and once without.", "earplugs", ("with", "without"), None),
    (
        "Bees had nitrate-rich syrup, then nitrate-poor syrup.",
        "syrup",
        ("nitrate-rich", "nitrate-poor"),
        None,
    ),
    ("Scored at baseline, week 4 and week 8.", "time", ("baseline", "week 4", "week 8"), None),
    (
        "Pain is scored at 30 min, 4 h and the next morning.",
        "time",
        ("30 min", "4 h", "next morning"),
        None,
    ),
]


@pytest.mark.parametrize(("sentence", "name", "levels", "unit"), LEVELS)
def test_levels_are_read(sentence, name, levels, unit):
    found = {f.levels: f for f in parse_design(sentence).factors}
    assert levels in found
    assert found[levels].kind == "treatment"
    assert found[levels].unit == unit
    assert found[levels].name == name


@pytest.mark.parametrize(
    "sentence",
    [
        "Lime, peat and bark, each at two levels.",
        "Three factors at two levels: lime, peat and bark.",
    ],
)
def test_factors_told_at_once_are_factors_of_their_own(sentence):
    factors = parse_design(sentence).factors
    assert [(f.name, f.n_levels) for f in factors] == [("lime", 2), ("peat", 2), ("bark", 2)]


@pytest.mark.parametrize(
    ("sentence", "noun", "kind", "count"),
    [
        ("Diets A and B in six blocks.", "block", "blocking", 6),
        ("Sprays A and B at four sites.", "site", "blocking", 4),
        ("From each of ten batches three casks were drawn.", "batch", "nuisance", 10),
        ("Diets A and B. Runs on 3 days; day is a block.", "day", "blocking", 3),
        ("A two-period study of drugs A and B.", "period", "blocking", 2),
        ("Diets A and B within each sex, males and females.", "sex", "blocking", 2),
        ("Diets A and B; five blends of meal are used as blocks.", "blend", "blocking", 5),
        ("Drugs A and B, stratified by canton (7 cantons).", "canton", "blocking", 7),
        ("Two hundred and ten pupils in each of the 30 schools.", "school", "nuisance", 30),
        ("Diets A and B in randomised complete blocks, 4 reps.", "block", "blocking", 4),
        ("Take 30 shops, pair them up on sales; signs A and B in a pair.", "pair", "blocking", 15),
        ("Plots of 12 vines in five blocks; sprays A and B.", "block", "blocking", 5),
    ],
)
def test_groups_are_read_with_their_number(sentence, noun, kind, count):
    groups = {f.name: (f.kind, f.n_levels) for f in parse_design(sentence).factors}
    assert groups.get(noun) == (kind, count)


@pytest.mark.parametrize(
    "sentence",
    [
        "The trial lasted six weeks and cost 400 euros.",
        "Last month we tried 30 C and dropped it.",
        "Participants received course credit or 8 euros.",
        "CO2 uptake (umol/m2 s) is the response.",
    ],
)
def test_what_nobody_sets_is_no_treatment(sentence):
    assert not [f for f in parse_design(sentence).factors if f.kind == "treatment"]


@pytest.mark.parametrize(
    ("sentence", "name", "family"),
    [
        ("The response is grain yield.", "grain yield", "normal"),
        ("Liking on a nine-point scale is the outcome.", "liking", "ordered"),
        ("We count the aphids on each leaf.", "aphids", "negative_binomial"),
        ("Seeds eaten out of 30 were counted.", "seeds eaten", "binomial"),
        ("Primary metric is conversion, yes or no.", "conversion", "bernoulli"),
        ("We weigh every chick.", "weight", "normal"),
        ("The diameter of the zone is measured.", "zone diameter", "normal"),
    ],
)
def test_responses_are_read_with_their_family(sentence, name, family):
    response = parse_design(sentence).responses[0]
    assert (response.name.lower(), response.family) == (name, family)


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Age and BMI are recorded at baseline.", ["age", "BMI"]),
        ("Known in advance: tenure and country.", ["tenure", "country"]),
        ("Use the pretest as covariate.", ["pretest"]),
    ],
)
def test_covariates_are_read(sentence, names):
    found = [f.name for f in parse_design(sentence).factors if f.kind == "covariate"]
    assert found == names


def test_what_is_measured_below_the_unit_is_a_technical_repeat():
    draft = parse_design(
        "24 schools are randomised to lessons A or B. In each school two classes are tested, "
        "25 pupils a class."
    )
    assert draft.randomisation_unit == "school"
    assert draft.replication.technical == 25


def test_an_unsure_factor_is_asked_about():
    draft = parse_design("We compare eight strengths of lime sulphur.")
    assert [q.about for q in draft.questions if "factor of this experiment" in q.text] == [
        "lime sulphur strength"
    ]


@pytest.mark.parametrize(
    ("text", "per_cell"),
    [
        ("Diets A and B, ten pigs per diet.", 10),
        ("Diets A and B, ten pigs each.", 10),
        ("Diets A and B, 24 pigs in total, at random.", 12),
        ("One hundred and twenty pigs were randomised to diet A or diet B.", 60),
        ("Diets A and B in six blocks.", 6),
        ("Diets A and B; two pigs per diet and litter, 9 litters; litter is a block.", 18),
        ("Diets A and B, every combination run in triplicate.", 3),
        ("Cross-over of drugs A and B in 14 patients with a wash-out.", 14),
        ("Forty pigs got diet A and forty pigs got diet B.", 40),
        ("Three glues (A, B, C), fifteen joints per glue.", 15),
        ("Users get page A (10 %), page B (45 %) or page C (45 %); 90,000 users.", 9_000),
        ("59 pigs were randomised to diet A (31) or diet B (28).", None),
        ("Nine teas are compared; each of 36 judges tastes only four (incomplete blocks).", 16),
        ("Diets A and B; five pigs per diet, all repeated on three days; day is a block.", 15),
    ],
)
def test_replicates_of_a_cell_are_counted(text, per_cell):
    assert parse_design(text).replication.per_cell == per_cell


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("We vary (i) heat, (ii) light and (iii) noise, all on/off.", {"heat", "light", "noise"}),
        ("We toggle heat and light, all four combinations.", {"heat", "light"}),
    ],
)
def test_factors_that_are_varied_together_are_factors_of_their_own(text, names):
    assert {f.name for f in parse_design(text).factors} == names
