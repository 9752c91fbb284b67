"""Descriptions with the structure that they tell, in words of many trades."""

REPEATED = "repeated_measures"
WITHIN = f"{REPEATED} RCBD crossover"
BLOCKED = "blocked_factorial factorial RCBD"

# The classes that are right (near-synonyms included), replicates per cell, the unit, the text.
STRUCTURES = [
    ("CRD", 12, "pot",
     "36 pots of basil are assigned at random to no, low or high shade. All pots are watered by "
     "the same worker. Fresh weight in grams after five weeks."),
    ("CRD", 9, "beam",
     "We cast 27 concrete beams, nine with each of three fibres: steel, glass and basalt. One "
     "technician made all of them from the same batch of cement. Peak load in kN is measured."),
    ("CRD", 8, "chick",
     "Three feeds (maize, wheat and sorghum) are compared, eight chicks per feed. Chicks are "
     "allocated at random. Body mass in grams at day 21."),
    ("RCBD", 5, "plot",
     "Four lettuce varieties (Ruby, Elsa, Kagran and Lollo) in five blocks along a slope, each "
     "variety on one plot per block at random. Head weight in grams."),
    ("RCBD", 6, "tray",
     "Six benches in a greenhouse, each with four trays. On each bench the four trays get peat, "
     "bark, coir or compost at random. We count the seedlings that emerge per tray."),
    (f"RCBD {REPEATED}", 24, "forearm",
     "24 volunteers with dry skin. Each volunteer uses lotion A on one forearm and lotion B on the "
     "other, the side drawn at random. Skin moisture is measured after two weeks."),
    (f"RCBD {REPEATED}", 15, "eye",
     "In 15 rabbits one eye gets the new drops and the other eye gets saline, decided by coin "
     "flip. Eye pressure in mmHg is read after an hour."),
    ("RCBD", 14, "half",
     "14 tobacco leaves are halved; one half of each leaf is rubbed with virus strain 1 and the "
     "other half with virus strain 2, at random. The number of lesions per half leaf is counted."),
    ("RCBD", 20, "sheep",
     "Twenty pairs of twin sheep. One of each pair is drenched and the other is not, by coin toss. "
     "Weight gain in kg over eight weeks."),
    ("factorial CRD", 6, "dish",
     "Two temperatures (15 and 25 C) and three salts (NaCl, KCl and none), six dishes per "
     "combination, placed at random. Germination is counted after ten days."),
    ("factorial CRD", 10, "mouse",
     "80 mice are randomly assigned to one of eight groups: two diets (chow or fat) by two "
     "housings (alone or grouped) by two drugs (saline or metformin). Glucose (mmol/L) in week 8."),
    ("factorial CRD", 3, "run",
     "We vary the spindle speed (800 or 1200 rpm) and the feed (0.1, 0.2 or 0.3 mm). Every "
     "combination is run three times, 18 runs in random order. Roughness in micrometres."),
    ("blocked_factorial factorial RCBD", 4, "plot",
     "Two maize hybrids (P1 and P2) and three densities (6, 8 and 10 plants per m2) in four "
     "complete blocks; plots within blocks are randomised. Grain yield in t/ha."),
    ("blocked_factorial factorial RCBD", 3, "loaf",
     "Flour (white or rye) and yeast (fresh or dry) are crossed. On each of three days one loaf of "
     "every combination is baked in random order. Day is a block. Loaf volume in mL."),
    ("split_plot", 4, "subplot",
     "Four fields, each divided into two main plots, irrigated and dry. Each main plot is divided "
     "into three subplots that get the cultivars Alba, Rita and Nora at random. Yield in kg."),
    ("split_plot", 3, "piece",
     "The furnace is set to 800, 850 or 900 C, which takes a day to change. Each heat holds four "
     "pieces of steel with coatings A, B, C and D at random positions. Three heats at each "
     "temperature. Corrosion depth is measured."),
    ("strip_plot", 4, "strip",
     "Three tillages in horizontal strips and two herbicides in vertical strips, crossing each "
     "other, in four blocks. Weed mass per intersection in g."),
    ("latin_square", 4, "cow",
     "Four cows get diets A, B, C and D in a Latin square over four periods of three weeks. Milk "
     "yield in kg per day in the last week."),
    ("crossover", 18, "patient",
     "Eighteen patients take the new inhaler and the old inhaler for four weeks each, in random "
     "order with a washout of two weeks. FEV1 in litres at the end of each period."),
    (f"crossover {REPEATED}", 12, "runner",
     "12 runners drink caffeine, beetroot juice or water before a 5 km run on three visits, a week "
     "apart, order random. Time in seconds."),
    (WITHIN, 20, "driver",
     "We test three warning types in a simulator: a sound, a light and a vibration. 20 drivers "
     "drove with all three warning types in random order. Brake reaction time in ms."),
    (f"{WITHIN} factorial blocked_factorial", 16, "driver",
     "Two phones (handheld or handsfree) and three roads (town, country and motorway). Each of 16 "
     "drivers did all six drives in random order. Lane deviation in cm is recorded."),
    (WITHIN, 30, "participant",
     "30 participants read the same text in three fonts: Arial, Times and Courier. The order was "
     "counterbalanced. Reading time in seconds is measured."),
    (f"{WITHIN} incomplete_block", 14, "judge",
     "14 judges each taste all four ciders (dry, medium, sweet and rose) in random order. They "
     "score the aroma from 0 to 10."),
    (WITHIN, 10, "cyclist",
     "Ten cyclists rode a time trial in each of three positions: upright, hoods and aero. The "
     "order was randomised for each cyclist. Mean power in watts."),
    (WITHIN, 25, "student",
     "25 students typed on a glass, a rubber and a mechanical keyboard, one after the other in "
     "random order. Words per minute are noted."),
    (WITHIN, 22, "nurse",
     "22 nurses used both infusion pumps, the old one and the new one, in random order. Setup time "
     "in seconds is timed by one observer."),
    (WITHIN, 8, "pilot",
     "Every pilot flew the approach with each of four displays (map, text, voice and none). There "
     "were eight pilots. Altitude error in feet is logged."),
    (WITHIN, 40, "listener",
     "40 listeners heard every song at 96, 192 and 320 kbps and rated the quality from 1 to 5. "
     "Order was random for each listener."),
    (WITHIN, 18, "participant",
     "Within-subject experiment with 18 participants: music (none, calm or loud) is varied between "
     "blocks of trials. Reaction time in ms."),
    (f"{REPEATED} split_plot", 15, "patient",
     "30 patients are randomised to yoga or stretching, 15 per group. Back pain is scored 0 to 10 "
     "at weeks 0, 4, 8 and 12."),
    (f"{REPEATED} split_plot", 10, "tree",
     "Twenty apple trees, ten pruned and ten unpruned at random. Shoot length in cm is measured on "
     "each tree in May, June and July."),
    ("nested variance_components", None, None,
     "Where does the variation in tablet hardness come from? Six batches, from each batch five "
     "bottles, from each bottle four tablets. Hardness in newtons."),
    ("nested variance_components", None, None,
     "Gauge study: three operators each measure ten parts twice with the same gauge. Diameter in "
     "mm. We want the variance components."),
    ("cluster_randomised", 10, "village",
     "Twenty villages are randomised to bed nets or no nets, ten in each arm. In each village 50 "
     "children are tested for malaria."),
    ("cluster_randomised", 8, "school",
     "Sixteen schools are randomly assigned to a breakfast club or to no club. The attention of 30 "
     "pupils in each school is scored from 0 to 100."),
    ("cluster_randomised", 6, "ward",
     "Twelve hospital wards were drawn at random: six use the new hand gel and six keep the old "
     "one. Infections per ward are counted over six months."),
    ("incomplete_block", 10, "judge",
     "Six jams are tasted by 20 judges in a balanced incomplete block design, each judge tastes "
     "three jams. Liking from 1 to 9."),
    ("incomplete_block", 4, "plot",
     "Twelve potato clones in an alpha-lattice with four replicates and blocks of three plots. "
     "Tuber yield in t/ha."),
    ("dose_response CRD", 4, "well",
     "Dose-response of a herbicide on algae: 0, 1, 3, 10, 30 and 100 ug/L, four wells per dose, "
     "positions random. Cell density is counted after 72 h. EC50 is wanted."),
    ("dose_response CRD", 10, "fish",
     "Fish are exposed to copper at 0, 5, 10, 20, 40 and 80 ug/L, ten fish per concentration, "
     "assigned at random. We count the dead after four days."),
    ("ab_test CRD", 5000, "user",
     "10,000 users of the app are split at random between home screen A and home screen B. We look "
     "at whether they subscribe within a week."),
    ("ab_test CRD", 4000, "visitor",
     "An A/B test of the landing page: long or short, 4000 visitors per version. Click-through is "
     "the outcome."),
    ("response_surface", 1, "run",
     "Central composite design with temperature from 30 to 70 C and pH from 4 to 8, five centre "
     "points, 13 runs in random order. Enzyme activity in U/mL."),
    ("fractional_factorial", 1, "run",
     "A half fraction 2^(4-1) of time (1 or 2 h), temperature (60 or 80 C), stirring (slow or "
     "fast) and pH (5 or 7); eight runs in random order. Yield in percent."),
    ("screening fractional_factorial", 1, "run",
     "Plackett-Burman screening in 12 runs of four factors at two levels: sugar (low/high), salt "
     "(low/high), oxygen (low/high) and zinc (low/high). Titre in g/L."),
    ("mixture", 1, "blend",
     "A mixture design of sand, clay and lime, the proportions sum to one. Ten blends are made "
     "once each in random order. Strength in MPa."),
    ("CRD", 16, "plant",
     "48 tomato plants in one glasshouse compartment are sprayed with water, chitosan or copper at "
     "random, 16 plants each. One person scores the lesions on every plant."),
    ("RCBD", 4, "tank",
     "Four rooms hold three tanks each. Within each room the tanks are randomly given low, medium "
     "or high feed. Mean fish weight per tank in grams."),
    ("RCBD", 7, "culture",
     "On each of seven days one culture of cells is treated with drug X, one with drug Y and one "
     "with vehicle. The day is a block. Viability in percent."),
    ("CRD", 25, "student",
     "75 students are drawn into three groups: flashcards, rereading or summaries. The same "
     "teacher gives all lessons. Test score out of 40."),
    (WITHIN, 17, "dancer",
     "Seventeen dancers jumped barefoot, in trainers and in ballet shoes. Every dancer did the "
     "three footwear conditions in an order drawn by lot. Jump height in cm."),
    (WITHIN, 32, "child",
     "Each child was tested under quiet, speech and traffic noise. There were 32 children, and "
     "the order of the noises was counterbalanced. Words recalled out of 20."),
    (WITHIN, 21, "volunteer",
     "21 volunteers came to the laboratory on four mornings and ate oats, eggs, toast or nothing, "
     "one breakfast per morning in random order. Blood glucose in mmol/L after an hour."),
    (f"{WITHIN} latin_square", 6, "horse",
     "Six horses were each fed hay, haylage and straw for two weeks, the order being different "
     "for each horse. Chewing time in minutes per day."),
    (WITHIN, 26, "patient",
     "Every one of the 26 patients wore both knee braces (rigid and soft), one week each, in "
     "random order. Pain from 0 to 10 was written down daily."),
    (f"{WITHIN} factorial blocked_factorial", 20, "participant",
     "Participants (n = 20) saw faces that were happy or angry, upright or inverted; all four "
     "kinds were mixed in random order, 30 trials each. Reaction time in ms."),
    (WITHIN, 11, "surgeon",
     "Eleven surgeons tied knots with a robot and by hand. All of them used both methods, half "
     "starting with the robot. Time per knot in seconds."),
    (WITHIN, 28, "student",
     "28 students each solved the puzzles in silence, with pop music and with rain sounds. The "
     "sequence was randomised per student. Number of puzzles solved."),
    (WITHIN, 9, "dog",
     "Nine dogs were offered each of the three kibbles (chicken, lamb and fish) on separate days "
     "in random order. Grams eaten in 20 minutes."),
    (f"{REPEATED} split_plot", 40, "child",
     "Forty children, all of them with glasses, each read a small, a medium and a large "
     "print in random order. Words per minute."),
    (f"{REPEATED} split_plot", 14, "rat",
     "28 rats were randomised to saline or drug, 14 rats per group. Running distance in metres "
     "was measured on days 1, 3, 7 and 14 in every rat."),
    (f"{REPEATED} split_plot", 6, "pot",
     "Eighteen pots of mint get 0, 50 or 100 mg of nitrogen, six pots per dose, at random. Height "
     "in cm is measured weekly for six weeks."),
    ("CRD RCBD", 22, "patient",
     "66 patients were randomised to splint, cast or bandage in equal numbers. The same nurse "
     "fitted all of them. Days until they walked without pain."),
    ("CRD", 10, "strip",
     "Forty strips of oak veneer were glued with one of four glues (A, B, C, D), ten strips each, "
     "chosen at random. All were pressed in one press. Shear strength in MPa."),
    ("CRD", 7, "jar",
     "Jars of cucumber are fermented at 2, 4 or 6 % salt; seven jars for each salt level, placed "
     "at random on one shelf. pH after ten days."),
    ("CRD", 40, "seedling",
     "120 pine seedlings from the same nursery are randomly given one of three mulches: straw, "
     "bark or plastic. One gardener waters them all. Height in cm after a year."),
    ("CRD", 15, "mouse",
     "Thirty mice, half of them fed fasting every other day and half fed freely, assigned at "
     "random. Life span in days."),
    ("RCBD", 8, "plot",
     "Eight farms each grow three cover crops: rye, vetch and mustard, one plot of each, allotted "
     "at random within the farm. Weed biomass in g per m2."),
    ("RCBD", 5, "slice",
     "From each of five loaves three slices are taken and stored in paper, plastic or cloth at "
     "random. Loaf is the block. Moisture in percent after three days."),
    ("RCBD", 10, "pig",
     "Ten litters of piglets, four pigs from each litter. Within a litter the four pigs are "
     "randomly assigned to diets A, B, C and D. Daily gain in g."),
    (f"RCBD {REPEATED}", 18, "foot",
     "Eighteen runners wore a cushioned insole on one foot and a flat insole on the other, tossed "
     "with a coin. Peak pressure in kPa."),
    (f"RCBD {REPEATED}", 25, "knee",
     "25 patients who need both knees replaced: one knee gets implant A, the other knee implant "
     "B, sides at random. Flexion in degrees after six months."),
    (f"RCBD {REPEATED}", 12, "leg",
     "Twelve cyclists trained the left leg with heavy loads and the right leg with light loads, "
     "or the other way round, at random. Thigh girth in cm after eight weeks."),
    (f"RCBD {REPEATED}", 16, "udder half",
     "In sixteen cows the left or the right udder half, at random, is dipped in iodine and the "
     "other half is left undipped. Somatic cell count per mL."),
    ("RCBD", 30, "plant",
     "Plants are paired by height, thirty pairs. In each pair one plant is pinched and the other "
     "is left alone, by coin flip. Number of flowers."),
    ("RCBD", 12, "twin",
     "Twelve pairs of identical twins; one twin of each pair gets milk and the other drinks "
     "soya milk, at random. Height growth in cm over one year."),
    ("factorial CRD", 5, "tube",
     "Enzyme (none or lipase) and temperature (20, 30 and 40 C) are combined, with five tubes for "
     "every combination, in random positions in one rack. Absorbance at 410 nm."),
    ("factorial CRD", 25, "customer",
     "A 2 x 2 experiment with 100 customers: price (9 or 10 euros) and picture (with or without). "
     "Customers are assigned at random, 25 per cell. Whether they buy."),
    (BLOCKED, 6, "cage",
     "Six rooms. In each room eight cages of hens get one of the eight combinations of light (dim "
     "or bright), perch (yes or no) and litter (sand or straw) at random. Eggs per cage are "
     "counted."),
    (BLOCKED, 4, "batch",
     "We cook jam with three sugars (white, brown and none) and two pectins (low and high). The "
     "full set of six batches is cooked on each of four days, in random order within the day. Day "
     "is a block. Firmness in newtons."),
    ("split_plot", 5, "subplot",
     "Split-plot with five blocks: ploughing depth (10 or 25 cm) on the main plots and seed rate "
     "(100, 150 or 200 kg/ha) on the subplots. Yield in t/ha."),
    ("split_plot", 4, "tray",
     "Eight growth chambers are set to 18 or 24 C at random, four chambers each, since "
     "temperature can only be set for a whole chamber. In each chamber trays get lamp A, B or C "
     "at random. Dry mass per tray in g."),
    ("split_plot", 3, "panel",
     "Oven temperature (150 or 180 C) is hard to change, so it is set once a morning; within each "
     "morning four panels with paint A, B, C and D are baked. Six mornings, three at each "
     "temperature. Gloss is measured on every panel."),
    ("strip_plot", 3, "strip",
     "Strip-plot experiment with three blocks: irrigation (drip or furrow) in rows of strips and "
     "variety (four rices) in columns of strips across them. Grain mass in kg."),
    ("latin_square", 6, "plot",
     "Six beet varieties (A to F) in a 6 x 6 Latin square; rows and columns of plots are the two "
     "blockings. Root mass in kg per plot."),
    ("crossover", 14, "goat",
     "Fourteen goats in a two-period crossover: half get the new mineral first and then the old "
     "one, the other half the reverse. Milk fat in percent."),
    ("crossover", 22, "patient",
     "AB/BA trial of two sleeping pills in 22 patients with a wash-out week in between. Hours "
     "slept per night."),
    ("nested variance_components", None, None,
     "Four farms, three barns on each farm, five hens in each barn. How much of the variance in "
     "egg mass comes from farms, barns and hens?"),
    ("nested variance_components", None, None,
     "An interlaboratory study: eight laboratories each analyse five vials of the same milk in "
     "duplicate. Fat content in g per 100 g. Where does the variation arise?"),
    ("cluster_randomised", 15, "class",
     "Thirty classes are randomised, 15 to chess lessons and 15 to normal lessons. About 24 "
     "pupils per class take a maths test out of 50."),
    ("cluster_randomised", 9, "clinic",
     "18 clinics were assigned at random to text reminders or to letters. Whether each of the 60 "
     "patients per clinic comes to the appointment is recorded."),
    ("cluster_randomised", 12, "office",
     "Twenty-four offices of a firm are randomised to standing desks or usual desks. Twenty "
     "workers in every office report their back pain from 0 to 10."),
    ("incomplete_block", 6, "car",
     "Balanced incomplete block design: four tread compounds for tyres, each car carries only "
     "three of the compounds, eight cars. Wear in mm."),
    ("dose_response CRD", 6, "plate",
     "Growth of a mould at 0, 0.5, 1, 2, 4 and 8 mg/L of a fungicide, six plates per "
     "concentration. Plates are put in the incubator at random. Colony diameter in mm."),
    ("ab_test CRD", 30000, "subscriber",
     "A/B test of an e-mail: short or long subject line. 60,000 subscribers are split evenly at "
     "random. We measure whether they open it."),
    ("response_surface", 1, "run",
     "Face-centred central composite design for laser power from 1 to 3 kW and speed from 2 to 6 "
     "m/min, 11 runs in random order. Weld depth in mm."),
    ("fractional_factorial screening", 1, "run",
     "Resolution III fraction of seven two-level factors in eight runs: pH, time, salt, sugar, "
     "air, light and heat. The order of the runs was random. Yield in g."),
    ("mixture", 1, "blend",
     "Simplex centroid mixture design with flour, oats and nuts. Seven blends, each baked once in "
     "random order. Crunch force in newtons."),
]  # fmt: skip
