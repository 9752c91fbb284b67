"""More descriptions with the structure that they tell."""

from tests.unit.design.parse.structures import BLOCKED, REPEATED, WITHIN

# As in `structures`: the classes that are right, replicates per cell, the unit, the text.
FURTHER = [
    (WITHIN, 19, "participant",
     "We want to know which map people read fastest. Nineteen participants get a street map, a "
     "schematic map and a photo map, one after another, and the order is shuffled for everyone. "
     "Time to find the station in seconds."),
    (WITHIN, 13, "baker",
     "Thirteen bakers knead dough by hand and with a mixer. Each baker tries both ways on the "
     "same afternoon, the first way being chosen by coin. Kneading time in minutes."),
    (f"{WITHIN} factorial blocked_factorial", 24, "student",
     "24 students read eight short texts each. The texts differ in font (serif or sans), size "
     "(small or large) and colour (black or blue), and every student sees each of the eight "
     "combinations once. Reading time in seconds."),
    (WITHIN, 16, "patient",
     "Sixteen patients with asthma. On two visits they inhale either the powder or the spray, in "
     "random order, and three days lie between visits. FEV1 in litres after 30 minutes."),
    (f"{WITHIN} latin_square", 10, "swimmer",
     "Ten swimmers, four suits. Every swimmer swims 100 m in every suit, with the order from a "
     "Latin square repeated as needed. Time in seconds."),
    (WITHIN, 27, "pupil",
     "All 27 pupils of one class do the arithmetic test three times: with quiet, with music and "
     "with talking. The order differs between pupils. Number of correct answers out of 30."),
    (f"{REPEATED} CRD split_plot", 30, "student",
     "Sixty students are split at random into two groups of 30. One group learns with cards, the "
     "other with an app. Vocabulary is tested after one, two and four weeks."),
    (f"{REPEATED} CRD split_plot", 8, "cow",
     "Sixteen cows, eight fed grass and eight fed silage, chosen at random. Milk yield of every "
     "cow is recorded in weeks 2, 4 and 6."),
    ("CRD", 11, "plate",
     "Agar plates with honey, sugar or no additive. Eleven plates of each kind are poured from "
     "one bottle of agar and placed at random in one incubator. The number of colonies is counted "
     "after two days."),
    ("CRD", 14, "bolt",
     "We tighten 42 bolts with oil, wax or nothing on the thread, 14 of each, in random order. "
     "The same mechanic tightens all bolts with one wrench. Torque at failure in Nm."),
    ("CRD", 50, "person",
     "One hundred and fifty people are randomly shown a red, a green or a grey poster, 50 people "
     "per poster. We record whether they take a leaflet."),
    ("CRD", 4, "box",
     "Strawberries are stored in 12 boxes at 2, 6 or 10 C, four boxes per temperature. Ten "
     "berries per box are scored for mould after a week."),
    ("RCBD", 6, "plot",
     "Wheat with three sowing dates: early, normal and late. The field is divided into six blocks "
     "across the slope and each block has three plots, one for every sowing date, drawn by lot. "
     "Yield in t/ha."),
    ("RCBD", 9, "sample",
     "Nine batches of milk; every batch is divided into four samples that are heated to 60, 65, "
     "70 or 75 C at random. Batch is a block. Bacteria are counted per mL."),
    ("RCBD", 7, "rat",
     "Rats from seven litters, three per litter. Within each litter one rat gets a low dose, one "
     "a high dose and one saline, at random. Liver mass in g."),
    (f"RCBD {REPEATED}", 33, "eye",
     "Thirty-three patients get a new lens in one eye and the usual lens in the other eye. A coin "
     "decides which eye gets the new lens. Reading distance in cm after a month."),
    (f"RCBD {REPEATED}", 14, "half",
     "Fourteen pizzas: one half of each pizza gets cheese A and the other half cheese B, side by "
     "coin flip. Browning in percent of the surface."),
    ("factorial CRD", 8, "plant",
     "48 plants, with two waterings (daily or weekly) and three composts (peat, bark and coir), "
     "eight plants per combination at random. Dry mass in g."),
    ("factorial CRD", 2, "run",
     "Glue experiment: pressure 1, 2 or 3 bar and time 5 or 10 min. All six combinations are run "
     "twice, twelve runs in random order. Strength in MPa."),
    (BLOCKED, 5, "cage",
     "Five cage racks hold six cages each. Diet (standard or fat) and light (short, normal or "
     "long) are combined and every combination gets one cage per rack at random. Rack is the "
     "block. Body mass in g."),
    (BLOCKED, 3, "cake",
     "Sugar 100 or 150 g, oven 160 or 180 C. On three days we bake all four cakes, in random "
     "order each day. Days are blocks. Height in mm."),
    ("split_plot", 3, "subplot",
     "Three blocks. Irrigation (none, half or full) is applied to whole plots because of the "
     "pipes. Each whole plot is cut into four subplots with fertilisers K, L, M and N at random. "
     "Yield in kg."),
    ("latin_square", 5, "plot",
     "Field trial with five weedkillers in a Latin square of five rows and five columns. The "
     "plots are 3 m wide. Weeds per plot are counted."),
    ("crossover", 24, "volunteer",
     "24 volunteers, two periods with a week of washout. They take the tablet in one period and "
     "the syrup in the other, sequence at random. AUC in ng h/mL."),
    ("nested variance_components", None, None,
     "We sample five lakes, three sites in each lake and four cores at each site, to see where "
     "the variation in lead content (mg/kg) comes from."),
    ("cluster_randomised", 14, "practice",
     "28 general practices are randomised to the reminder system or usual care, 14 each. In every "
     "practice 40 patients are followed. Whether they are vaccinated is recorded."),
    ("incomplete_block", 12, "panellist",
     "Eight teas, 24 panellists. Each panellist tastes only four of the teas, by a balanced "
     "incomplete block design. Bitterness from 0 to 10."),
    ("dose_response CRD", 5, "vial",
     "Flies are kept at 0, 1, 2, 5, 10 and 20 % alcohol, five vials per concentration, random "
     "places in the rack. Flies alive after a day are counted."),
    ("ab_test CRD", 12000, "visitor",
     "Two versions of the sign-up page, with and without a video. 24,000 visitors are assigned to "
     "one at random. Whether they sign up is recorded."),
    ("response_surface", 1, "run",
     "Box-Behnken design for three factors: time from 10 to 30 min, temperature from 50 to 90 C "
     "and pH from 5 to 9; 15 runs including three centre points. Yield in percent."),
    ("factorial CRD", 1, "run",
     "Full factorial of four two-level factors in 16 runs without replication, in random order: "
     "time (5/10 min), heat (low/high), salt (1/2 g) and stirring (no/yes). Yield in g."),
]  # fmt: skip
