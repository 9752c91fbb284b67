"""One sentence per way of saying what is compared: its factors by name, each with its levels."""

import pytest

from experimentos.design.parse.describe import parse_design

WAYS = [
    (
        "Visitors saw the donation page with the progress bar or without it; we count gifts.",
        [("progress bar", ("with", "without"))],
    ),
    (
        "The calves are given garlic powder, oregano oil or nothing in their milk.",
        [("treatment", ("garlic powder", "oregano oil", "nothing"))],
    ),
    (
        "Spinach was kept at 5, 10 and 20 °C in the dark and the leaves were weighed.",
        [("temperature", ("5", "10", "20"))],
    ),
    (
        "Four thinning treatments - none, light, heavy and crown - in six pine stands.",
        [("thinning treatment", ("none", "light", "heavy", "crown"))],
    ),
    (
        "The treatments were (i) no lime, (ii) lime in autumn and (iii) lime in spring.",
        [("treatment", ("no lime", "lime in autumn", "lime in spring"))],
    ),
    ("Hens were kept with or without perches in twelve pens.", [("perch", ("with", "without"))]),
    ("Grapes were harvested either by hand or by machine.", [("treatment", ("hand", "machine"))]),
    (
        "Bolts from 3 suppliers (Arvo, Belt and Cern) were pulled until they broke.",
        [("supplier", ("Arvo", "Belt", "Cern"))],
    ),
    (
        "There were two groups: walking and cycling. Pulse was taken each week.",
        [("group", ("walking", "cycling"))],
    ),
    ("Ferns grew under low and high light.", [("light", ("low", "high"))]),
    (
        "Clerks used the old version and the new version of the form, in random order.",
        [("version", ("old", "new"))],
    ),
    (
        "Aphids got a control (water) or one of three extracts (garlic, neem, tobacco).",
        [("extract", ("water", "garlic", "neem", "tobacco"))],
    ),
    (
        "Two drugs, ketamine and saline, each at two doses, 1 and 5 mg/kg.",
        [("drug", ("ketamine", "saline")), ("dose", ("1", "5"))],
    ),
    ("Each lamb was shorn in May or in July.", [("treatment", ("May", "July"))]),
    (
        "Loaves were proved for 1, 2 or 4 h and baked in a tin or on a stone.",
        [("time", ("1", "2", "4")), ("treatment", ("tin", "stone"))],
    ),
    (
        "The emails were signed by a nurse, a doctor or a chatbot.",
        [("treatment", ("nurse", "doctor", "chatbot"))],
    ),
    (
        "Some panels were sanded first, others were not; paint adhesion was graded.",
        [("sanded", ("sanded", "not sanded"))],
    ),
    (
        "We offered pupils apples, carrots or crisps at break.",
        [("treatment", ("apples", "carrots", "crisps"))],
    ),
    ("Trout were reared in round tanks or raceways.", [("treatment", ("round tanks", "raceways"))]),
    ("Patients had the knee cooled for 10 or 30 minutes after surgery.", [("time", ("10", "30"))]),
    ("The survey came by post, by phone or online.", [("treatment", ("post", "phone", "online"))]),
    ("Mortar contained 0, 5, 10 or 15 % fly ash.", [("fly ash", ("0", "5", "10", "15"))]),
    (
        "Listeners heard speech in quiet, in babble and in traffic noise.",
        [("treatment", ("quiet", "babble", "traffic noise"))],
    ),
    ("One group of rats drank water and the other drank cola.", [("treatment", ("water", "cola"))]),
    (
        "Plots received no nitrogen, 60 kg/ha or 120 kg/ha.",
        [("nitrogen", ("no nitrogen", "60", "120"))],
    ),
    (
        "Our cloud jobs ran on small, medium and large machines.",
        [("machine", ("small", "medium", "large"))],
    ),
    (
        "We tried three glazes (ash, celadon, tenmoku) on two clays (porcelain, stoneware).",
        [("glaze", ("ash", "celadon", "tenmoku")), ("clay", ("porcelain", "stoneware"))],
    ),
    (
        "Participants were randomised 1:1:1 to yoga, stretching or a waiting list.",
        [("treatment", ("yoga", "stretching", "waiting list"))],
    ),
    (
        "Tadpoles lived in tanks with fish cues, dragonfly cues or no cues.",
        [("cue", ("fish cues", "dragonfly cues", "no cues"))],
    ),
    (
        "Cheese was ripened in caves, in cellars or in cold rooms for 3 and 6 months.",
        [("treatment", ("caves", "cellars", "cold rooms")), ("time", ("3", "6"))],
    ),
    ("Teams got a daily, a weekly or no reminder.", [("reminder", ("daily", "weekly", "no"))]),
    (
        "The two treatments are deep ploughing and no till.",
        [("treatment", ("deep ploughing", "no till"))],
    ),
    (
        "A placebo patch, a low-dose patch and a high-dose patch are compared.",
        [("patch", ("placebo", "low-dose", "high-dose"))],
    ),
    (
        "Factors: solvent (ethanol, acetone), time (10, 30 min) and stirring (yes, no).",
        [("solvent", ("ethanol", "acetone")), ("time", ("10", "30")), ("stirring", ("yes", "no"))],
    ),
    (
        "The herbicide was applied before or after emergence, at full or half rate.",
        [("timing", ("before", "after")), ("rate", ("full", "half"))],
    ),
    ("Eggs came from caged, barn and free-range hens.", [("hen", ("caged", "barn", "free-range"))]),
    (
        "Students read on paper, on a tablet or on a phone.",
        [("treatment", ("paper", "tablet", "phone"))],
    ),
    ("Salmon was smoked over alder, apple or oak.", [("treatment", ("alder", "apple", "oak"))]),
    ("Infants got formula A, formula B or breast milk.", [("formula", ("A", "B", "breast milk"))]),
    (
        "Tea bags were steeped in soft or hard water at 80 or 95 °C.",
        [("water", ("soft", "hard")), ("temperature", ("80", "95"))],
    ),
    (
        "The four sweeteners compared are sugar, stevia, honey and xylitol.",
        [("sweetener", ("sugar", "stevia", "honey", "xylitol"))],
    ),
    ("Quails were given a diet with 0, 2 or 4 % linseed oil.", [("diet", ("0", "2", "4"))]),
    (
        "We sorted the parcels in one of two ways, by weight or by postcode.",
        [("way", ("weight", "postcode"))],
    ),
    (
        "Thirty walkers took the hill path on one day and the valley path on another.",
        [("path", ("hill", "valley"))],
    ),
    (
        "Goats grazed alone, with sheep or with cattle.",
        [("treatment", ("alone", "sheep", "cattle"))],
    ),
    (
        "We compare a paper diary, a phone app and a weekly call.",
        [("treatment", ("paper diary", "phone app", "weekly call"))],
    ),
    (
        "Panels faced north, east, south or west.",
        [("treatment", ("north", "east", "south", "west"))],
    ),
    ("The dose was nil, 20 mg or 40 mg.", [("dose", ("nil", "20", "40"))]),
    (
        "Mussels from a clean and a polluted site were opened after 10 days.",
        [("site", ("clean", "polluted"))],
    ),
    (
        "The ad showed a dog or a cat, with a short or a long caption.",
        [("treatment", ("dog", "cat")), ("caption", ("short", "long"))],
    ),
    (
        "Wells were dosed with DMSO, 1 uM drug or 10 uM drug.",
        [("treatment", ("DMSO", "1 uM drug", "10 uM drug"))],
    ),
    ("Rats lived singly, in pairs or in fours.", [("treatment", ("singly", "pairs", "fours"))]),
    (
        "A 2 x 2 design crosses shading (shade cloth or none) with weeding (hand or none).",
        [("shading", ("shade cloth", "none")), ("weeding", ("hand", "none"))],
    ),
    (
        "Roses were cut at bud, half-open or full-bloom stage.",
        [("stage", ("bud", "half-open", "full-bloom"))],
    ),
    (
        "Treatments: A = untreated seed, B = fungicide, C = fungicide plus insecticide.",
        [("treatment", ("untreated seed", "fungicide", "fungicide plus insecticide"))],
    ),
    (
        "Doctors saw either the paper chart or the dashboard first.",
        [("treatment", ("paper chart", "dashboard"))],
    ),
    (
        "Two kinds of bait (peanut butter, sardine), three trap types (box, snap, pitfall).",
        [("bait kind", ("peanut butter", "sardine")), ("trap type", ("box", "snap", "pitfall"))],
    ),
    (
        "Nests were exposed to traffic noise, to music or left in silence.",
        [("treatment", ("traffic noise", "music", "silence"))],
    ),
    (
        "The stain was removed with vinegar, lemon juice, or bleach.",
        [("treatment", ("vinegar", "lemon juice", "bleach"))],
    ),
    (
        "Runners wore minimal, neutral and cushioned shoes on three days.",
        [("shoe", ("minimal", "neutral", "cushioned"))],
    ),
    (
        "In each block one plot was mown, one was grazed and one was left alone.",
        [("treatment", ("mown", "grazed", "left alone"))],
    ),
    ("Calls were answered by the new or the old menu.", [("menu", ("new", "old"))]),
    (
        "The soil was amended with biochar (0, 10 or 20 t/ha) and with compost (yes or no).",
        [("biochar", ("0", "10", "20")), ("compost", ("yes", "no"))],
    ),
    (
        "Forty sheep were dewormed and forty were left as they were.",
        [("treatment", ("dewormed", "left as they were"))],
    ),
    (
        "Seeds were soaked overnight in water, in smoke water or in gibberellin.",
        [("treatment", ("water", "smoke water", "gibberellin"))],
    ),
    ("Cows were milked two or three times a day.", [("frequency", ("two", "three"))]),
    (
        "We look at five enzymes: amylase, lipase, protease, lactase and cellulase.",
        [("enzyme", ("amylase", "lipase", "protease", "lactase", "cellulase"))],
    ),
    (
        "Children learned the words by songs, by pictures, or by plain repetition.",
        [("treatment", ("songs", "pictures", "plain repetition"))],
    ),
    (
        "Catalyst (Pt, Pd or none) and stirring rate (200 or 400 rpm) were varied.",
        [("catalyst", ("Pt", "Pd", "none")), ("stirring rate", ("200", "400"))],
    ),
    (
        "Wine is closed with cork, screw cap or glass stopper.",
        [("treatment", ("cork", "screw cap", "glass stopper"))],
    ),
    (
        "Trees were pruned in winter, pruned in summer or not pruned.",
        [("treatment", ("winter", "summer", "not pruned"))],
    ),
    ("Volunteers slept 4, 6 or 8 hours.", [("time", ("4", "6", "8"))]),
    (
        "Bread was stored in paper, plastic or a linen bag.",
        [("treatment", ("paper", "plastic", "linen bag"))],
    ),
    (
        "Wooden posts were left raw, charred or tarred before they went into the ground.",
        [("treatment", ("raw", "charred", "tarred"))],
    ),
    (
        "Guests were greeted by name, by title or not at all.",
        [("treatment", ("name", "title", "not at all"))],
    ),
    (
        "Three feeding regimes are tried: ad libitum, restricted and skip-a-day.",
        [("feeding regime", ("ad libitum", "restricted", "skip-a-day"))],
    ),
    ("Barley got 0, 40, 80 or 120 kg N per hectare.", [("N", ("0", "40", "80", "120"))]),
    (
        "Meat is aged dry or in a bag, for 14, 21 or 28 days.",
        [("treatment", ("dry", "bag")), ("time", ("14", "21", "28"))],
    ),
    (
        "We change the font (serif, sans) and the spacing (tight, normal, wide).",
        [("font", ("serif", "sans")), ("spacing", ("tight", "normal", "wide"))],
    ),
    (
        "Each rabbit ear is treated: one with the gel, the other with the vehicle.",
        [("treatment", ("gel", "vehicle"))],
    ),
    (
        "Filters: none, sand, or activated carbon; flow 1, 2 or 4 L/min.",
        [("filter", ("none", "sand", "activated carbon")), ("flow", ("1", "2", "4"))],
    ),
    (
        "Larvae were reared on one of four hosts, namely cabbage, kale, mustard and cress.",
        [("host", ("cabbage", "kale", "mustard", "cress"))],
    ),
    (
        "Solar panels are cleaned weekly, monthly or never.",
        [("treatment", ("weekly", "monthly", "never"))],
    ),
    (
        "Depending on the group, pupils read the text silently or aloud.",
        [("treatment", ("silently", "aloud"))],
    ),
    (
        "Oysters were collected from three bays (Quiberon, Cancale, Arcachon).",
        [("bay", ("Quiberon", "Cancale", "Arcachon"))],
    ),
    (
        "Pups were separated from their mother for 0, 15 or 180 min a day.",
        [("time", ("0", "15", "180"))],
    ),
    (
        "Drip, sprinkler and furrow irrigation are compared on onions.",
        [("irrigation", ("Drip", "sprinkler", "furrow"))],
    ),
    (
        "Participants sat, stood or walked during the call.",
        [("treatment", ("sat", "stood", "walked"))],
    ),
    (
        "Gloves of latex, nitrile or vinyl were pulled over the hand.",
        [("treatment", ("latex", "nitrile", "vinyl"))],
    ),
    (
        "Two pruning dates (January, March) and three wound sealants (none, wax, paint).",
        [("pruning date", ("January", "March")), ("wound sealant", ("none", "wax", "paint"))],
    ),
    (
        "The control group gets standard care; the intervention group gets a daily text message.",
        [("treatment", ("standard care", "daily text message"))],
    ),
    (
        "Cells are grown on plastic, on collagen or on laminin and starved or not.",
        [
            ("treatment", ("plastic", "collagen", "laminin")),
            ("starved", ("starved", "not starved")),
        ],
    ),
    (
        "Turbines of type A and type B ran at low, mid and full load.",
        [("type", ("A", "B")), ("load", ("low", "mid", "full"))],
    ),
    (
        "Plots were burned, mown or left as a control.",
        [("treatment", ("burned", "mown", "control"))],
    ),
    ("Milk was skimmed, semi-skimmed or whole.", [("Milk", ("skimmed", "semi-skimmed", "whole"))]),
    (
        "Half of each field was irrigated and half rainfed.",
        [("treatment", ("irrigated", "rainfed"))],
    ),
    (
        "The same coffee is served in a white, a clear or a blue mug.",
        [("mug", ("white", "clear", "blue"))],
    ),
    (
        "Cages had a wheel, a tunnel, both or neither.",
        [("treatment", ("wheel", "tunnel", "both", "neither"))],
    ),
    (
        "The dye bath was run at pH 4, 6 or 8 with or without salt.",
        [("pH", ("4", "6", "8")), ("salt", ("with", "without"))],
    ),
    (
        "Half of the nests received extra food; the rest did not.",
        [("food", ("extra food", "did not"))],
    ),
    (
        "Tomatoes: two cultivars (Roma and Marzano) by three salinities (0, 50 and 100 mM NaCl).",
        [("cultivar", ("Roma", "Marzano")), ("salinity", ("0", "50", "100"))],
    ),
    (
        "The button says Pay, Pay now or Complete order.",
        [("button", ("Pay", "Pay now", "Complete order"))],
    ),
    (
        "Compost piles were turned weekly, every two weeks or never.",
        [("treatment", ("weekly", "every two weeks", "never"))],
    ),
    (
        "Agents hear either calm music, upbeat music or none.",
        [("treatment", ("calm music", "upbeat music", "none"))],
    ),
    (
        "Volunteers read on paper and on an e-reader, order randomised.",
        [("treatment", ("paper", "e-reader"))],
    ),
    (
        "Seedlings were watered every day or every third day.",
        [("frequency", ("every day", "every third day"))],
    ),
]


@pytest.mark.parametrize(("sentence", "factors"), WAYS)
def test_what_is_compared_is_read_in_each_way_of_saying_it(sentence, factors):
    found = [(f.name, f.levels) for f in parse_design(sentence).factors if f.levels]
    assert all(factor in found for factor in factors)


NO_CHOICE = [
    "The trial was approved by the board and by the hospital. Patients get drug A or placebo.",
    "Weeds were identified in the field or in the lab. Plots get urea or nothing.",
    "We weigh leaves, stems and roots in grams. Pots get urea or nothing.",
    "Pain, nausea and tiredness are scored in clinic or by phone. Patients get drug A or placebo.",
    "Thanks to the farmers and to the co-op. Plots get urea or nothing.",
]


@pytest.mark.parametrize("text", NO_CHOICE)
def test_what_is_noted_or_agreed_in_two_places_is_no_treatment(text):
    assert [f.n_levels for f in parse_design(text).factors if f.kind == "treatment"] == [2]
