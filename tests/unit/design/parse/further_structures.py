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
    (WITHIN, 12, "volunteer",
     "Twelve volunteers walk 20 minutes on sand, on grass and on asphalt on three different days. "
     "The order of the surfaces is drawn for each volunteer. Oxygen use in mL/min/kg."),
    (WITHIN, 36, "shopper",
     "We ask 36 shoppers to find a product in a shop with low, medium and high shelves; each "
     "shopper goes through all of the layouts in random order. Search time in seconds."),
    (WITHIN, 15, "teacher",
     "Fifteen teachers marked the same essays with a rubric and without one, in random order. "
     "Mark from 1 to 6."),
    (f"{WITHIN} factorial blocked_factorial", 18, "subject",
     "Eighteen subjects lift a box with two grips (wide and narrow) from three heights (floor, "
     "knee and hip). Every subject performs every combination in random order. Back load in N."),
    (f"{REPEATED} split_plot", 12, "horse",
     "24 horses are randomised to clover or no clover, 12 per group. Blood samples are taken "
     "after 0, 1, 2 and 4 hours for insulin."),
    (f"{REPEATED} split_plot CRD", 25, "child",
     "Fifty children are randomly assigned to a reading club or a sports club, 25 in each. Their "
     "vocabulary is tested in September, January and May."),
    ("CRD", 10, "pen",
     "Thirty pens of broilers are given starter feed X, Y or Z at random, ten pens per feed. "
     "There are 12 birds in each pen. Mean weight per pen in g."),
    ("CRD", 35, "patient",
     "Patients after hip surgery are allocated to early walking or bed rest in sealed envelopes, "
     "35 per arm. Days in hospital are counted."),
    ("RCBD", 10, "plot",
     "Ten orchards. In every orchard three plots are marked, and a lottery decides which plot "
     "gets bait, traps or nothing. Damaged apples per tree are counted."),
    ("RCBD", 6, "piece",
     "A plank is cut into three pieces which are painted with oil, acrylic or lime paint at "
     "random. Six planks are used, and plank is the block. Water uptake in g."),
    ("RCBD", 8, "sheep",
     "Sheep are blocked by weight into eight blocks of four. Within each block the four sheep are "
     "assigned at random to four drenches. Egg count per g of faeces."),
    (f"RCBD {REPEATED}", 26, "arm",
     "26 nurses wear a nitrile glove on the left arm and a latex glove on the right arm or the "
     "other way round, at random. Redness is scored from 0 to 4 per arm."),
    (f"RCBD {REPEATED}", 40, "side",
     "Forty patients with gum disease: in each patient one side of the mouth is cleaned with "
     "laser and the other side by hand, at random. Pocket depth in mm."),
    ("factorial CRD", 7, "jar",
     "Sugar (low or high) and lid (open or closed): 28 jars of kombucha, seven for each "
     "combination, are placed at random. Acid in g/L."),
    ("factorial CRD", 4, "coupon",
     "Coupons of steel are coated (yes/no) and stored at 20, 40 or 60 % humidity. Four coupons "
     "for each of the six conditions, 24 in total, allocated at random. Rust in percent of the "
     "area."),
    (BLOCKED, 6, "plot",
     "Six fields are blocks. Each field has four plots with and without lime crossed with and "
     "without compost, randomised within the field. Clover cover in percent."),
    (BLOCKED, 4, "run",
     "Two nozzles (A and B) and three pressures (1, 2 and 3 bar). Each of four operators makes "
     "one run with every combination in random order, so operator is a block. Drop size in "
     "micrometres."),
    ("split_plot", 6, "subplot",
     "Rice: flooding (early or late) on main plots and three fertilisers (urea, compost and none) "
     "on subplots within the main plots, six replicate blocks. Yield in t/ha."),
    ("latin_square", 4, "cow",
     "A 4 x 4 Latin square with four cows, four periods and the supplements none, fat, starch and "
     "protein. Milk protein in percent."),
    ("crossover", 30, "patient",
     "Thirty patients with migraine take drug for one month and placebo for one month, in random "
     "order, with a washout of a week. Attacks per month are counted."),
    ("cluster_randomised", 20, "school",
     "Forty schools take part; 20 are assigned at random to free fruit and 20 to no fruit. About "
     "50 pupils per school report how often they eat fruit."),
    ("cluster_randomised", 8, "farm",
     "Sixteen farms are randomised to training or no training for their workers, eight farms "
     "each. Thirty workers per farm. Whether a worker had an accident within a year."),
    ("incomplete_block", 15, "consumer",
     "Six crisps are compared by 30 consumers, each of whom gets three of the six, in a balanced "
     "incomplete block design. Liking from 1 to 9."),
    ("dose_response CRD", 8, "mouse",
     "Mice get 0, 1, 3, 10, 30 or 100 mg/kg of the drug, eight mice per dose, randomised. Time on "
     "the rod in seconds."),
    ("ab_test CRD", 45000, "customer",
     "90,000 customers are randomly split: half get the coupon by e-mail, half by post. Did they "
     "use it within a month?"),
    ("mixture", 1, "run",
     "A mixture experiment with water, gel and alcohol that add up to 100 %. There are ten runs "
     "in random order. Viscosity in mPa s."),
    ("screening fractional_factorial", 1, "run",
     "Definitive screening design with five factors, 13 runs in random order: time 1-3 h, heat "
     "20-60 C, pH 4-8, salt 0-2 g and stirring 100-500 rpm. Yield in percent."),
]  # fmt: skip
