"""What is measured, told in the ways that people tell it: one sentence per way."""

import pytest

from experimentos.design.parse.describe import parse_design

BEFORE = "Two diets, A and B, were given to 20 pots each at random. "

TOLD = [
    ("Primary endpoint: change in HbA1c at 26 weeks.", "change in HbA1c", "normal"),
    ("Endpoint is seroconversion by day 28 (yes/no).", "seroconversion", "bernoulli"),
    ("DV = number of anagrams solved out of 20.", "anagrams solved", "binomial"),
    ("The variable of interest is the number of stings per visit.", "sting", "negative_binomial"),
    ("What counts is whether the seal leaks.", "leakage", "bernoulli"),
    ("What we want to know is how many eggs each hen lays.", "eggs", "negative_binomial"),
    ("Our measure of success is the click-through rate.", "click-through rate", "bernoulli"),
    ("Response: peel strength in N/mm.", "peel strength", "normal"),
    ("Sap flow is what we are interested in.", "sap flow", "normal"),
    ("Wear depth is the quantity of interest.", "wear depth", "lognormal"),
    ("Yield of biodiesel, in percent, is the response.", "biodiesel yield", "normal"),
    ("Samples were analysed for lead by ICP-MS.", "lead", "lognormal"),
    ("Whether the egg hatched was noted.", "hatching", "bernoulli"),
    ("Crop cover was estimated as a percentage of the plot.", "crop cover", "beta"),
    ("Bacterial counts are expressed as log10 CFU per gram.", "bacterial counts", "normal"),
    ("Plants were harvested, dried and weighed.", "plant weight", "normal"),
    ("We count the bridges between lines.", "bridges", "negative_binomial"),
    ("We note whether the cork is tainted.", "cork tainted", "bernoulli"),
    ("Participants rate their hunger on a 100 mm visual analogue scale.", "hunger", "normal"),
    ("We time how long the ice takes to melt.", "time to melt", "lognormal"),
    ("We ask how much they would pay for the mug.", "payment", "gamma"),
    ("We report % confluence at 48 h.", "% confluence", "beta"),
    ("Germination out of 50 seeds per dish, day 7.", "germination", "binomial"),
    ("Result in ng/mL.", "result", "lognormal"),
    ("The number named correctly is the outcome.", "number named correctly", "binomial"),
    ("Success is a booking within the session.", "booking", "bernoulli"),
    ("The trait under study is days to flowering.", "days to flowering", "normal"),
    ("As endpoint serves the antibody titre, in IU/mL.", "antibody titre", "lognormal"),
    ("As outcome we take the peak flow on the last morning.", "peak flow", "normal"),
    ("Runners were timed over 400 m.", "runner time", "lognormal"),
    ("Carcasses were scored for bruising (0-3).", "bruising", "ordered"),
    ("Swabs are tested for MRSA.", "MRSA", "bernoulli"),
    (
        "Ticks were collected by dragging a cloth over 100 m and counted.",
        "ticks",
        "negative_binomial",
    ),
    ("For each bulb the time until failure is noted.", "time until failure", "lognormal"),
    (
        "On day 5 the larvae alive in each vial are counted, out of thirty.",
        "larvae alive",
        "binomial",
    ),
    ("They learn 40 words; words recalled are counted.", "words recalled", "binomial"),
    ("Stem borers per 20 stalks.", "stem borers", "negative_binomial"),
    ("Cell density at 24 h (cells/mL).", "cell density", "lognormal"),
    ("Time from sowing to emergence, in days.", "time to emergence", "lognormal"),
    ("Two of them: lesion area as % of the leaf was computed.", "lesion area", "beta"),
    ("Notification opt-outs are the metric.", "notification opt-outs", "bernoulli"),
]

SEVERAL = [
    (
        "Outcomes: pain at 24 h (0-10), total opioid dose, and whether the patient vomited.",
        {"pain": "ordered", "opioid dose": "normal", "vomiting": "bernoulli"},
    ),
    (
        "Secondary endpoints are length of stay and 30-day readmission.",
        {"length of stay": "gamma", "readmission": "bernoulli"},
    ),
    (
        "At harvest, tuber yield and dry matter content were determined.",
        {"tuber yield": "normal", "dry matter content": "normal"},
    ),
    (
        "Two things are measured: cutting force in N and surface roughness in um.",
        {"cutting force": "normal", "surface roughness": "lognormal"},
    ),
    (
        "Latency to approach is coded, together with tail wags per minute.",
        {"latency": "lognormal", "tail wags": "negative_binomial"},
    ),
    (
        "We look at conversion and at average order value.",
        {"conversion": "bernoulli", "order value": "gamma"},
    ),
    (
        "We then ask whether they would buy it again and what they would pay in euros.",
        {"purchase": "bernoulli", "payment": "gamma"},
    ),
    (
        "A panel scores the bread for crust colour and aroma on a 9-point scale.",
        {"crust colour": "ordered", "aroma": "ordered"},
    ),
    (
        "Milk samples are analysed for fat, protein and urea.",
        {"fat": "lognormal", "protein": "lognormal", "urea": "lognormal"},
    ),
    (
        "Error rate (wrong keys per hundred) and words per minute.",
        {"error rate": "normal", "words": "negative_binomial"},
    ),
    (
        "FEV1 is the primary outcome, days off work in the half year after it the secondary.",
        {"fev1": "normal", "days off work": "negative_binomial"},
    ),
    (
        "At the end all fish of a tank are counted and weighed, giving survival and final weight.",
        {"survival": "binomial", "weight": "normal"},
    ),
    (
        "OD600 is read every hour and the growth rate is fitted per flask.",
        {"growth rate": "normal"},
    ),
    (
        "Number of fruits per tree and mean fruit weight (g) at harvest.",
        {"fruit": "negative_binomial", "fruit weight": "normal"},
    ),
    (
        "Each answer is marked correct or not; how long it took is noted too.",
        {"correct answer": "bernoulli", "duration": "lognormal"},
    ),
    (
        "The number we steer by is margin per visitor; we keep an eye on returns.",
        {"margin": "normal", "returns": "bernoulli"},
    ),
    (
        "Interest is in milk fat (%) and somatic cell count.",
        {"milk fat": "normal", "somatic cell count": "lognormal"},
    ),
]

NOT_MEASURED = [
    "Spleen weight in mg is the readout; animals are weighed weekly just to check on them.",
    "The readout is spleen weight. Overlap is measured with a calliper as it wanders.",
    "Spleen weight (mg) is measured. Liver steatosis is scored on a few animals only.",
    "The readout is spleen weight. Feed intake goes in the log.",
    "The readout is spleen weight. Last year we measured liver weight.",
    "The readout is spleen weight. Kidney weight is not measured.",
    "The readout is spleen weight. Blood glucose is measured before each dose.",
]


@pytest.mark.parametrize(("sentence", "name", "family"), TOLD)
def test_what_is_measured_is_named_with_its_family(sentence, name, family):
    response = parse_design(BEFORE + sentence).responses[0]
    assert (response.name.lower(), response.family) == (name.lower(), family)


@pytest.mark.parametrize(("sentence", "families"), SEVERAL)
def test_what_is_measured_together_is_told_apart(sentence, families):
    found = parse_design(BEFORE + sentence).responses
    assert {r.name.lower(): r.family for r in found} == families


@pytest.mark.parametrize("sentences", NOT_MEASURED)
def test_what_is_checked_dismissed_or_known_is_no_response(sentences):
    found = parse_design(BEFORE + sentences).responses
    assert [r.name.lower() for r in found] == ["spleen weight"]
