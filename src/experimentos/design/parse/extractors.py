"""The extractors, each of which proposes factors with the words they came from."""

from experimentos.design.parse.alternatives import (
    between,
    either_or,
    once_without,
    switched,
    versus,
    with_or_without,
)
from experimentos.design.parse.arms import named_arms, shares, told_by_group
from experimentos.design.parse.choices import (
    choices,
    compared_with,
    repeated_places,
    shown_to,
    spells,
    twice_with,
)
from experimentos.design.parse.contrasts import (
    at_room_temperature,
    attribute_pairs,
    before_or_after,
    contrasted,
    opposites,
    or_not,
    paired_quantities,
    parted_quantities,
    stems,
    undone,
)
from experimentos.design.parse.counted import apposed, counted_traits, each_of, told_as
from experimentos.design.parse.covariates import covariates
from experimentos.design.parse.groups import counted_groups, cued_groups
from experimentos.design.parse.joint import joint_factors
from experimentos.design.parse.labels import (
    bracketed,
    code_ranges,
    frequencies,
    letter_ranges,
    lettered,
    named_lists,
    placed_lists,
    quoted,
    scattered,
    species,
    times_a_day,
)
from experimentos.design.parse.lists import (
    code_lists,
    colon_lists,
    parenthesised_lists,
)
from experimentos.design.parse.quantities import again, each_time, number_lists
from experimentos.design.parse.ranges import (
    compared,
    counted_factors,
    months,
    numbered_times,
    ranges,
    time_spans,
)
from experimentos.design.parse.repeated import (
    compared_lists,
    left_undone,
    made_of,
    one_noun,
    placed_items,
    repeated_nouns,
    repeated_verbs,
    set_lists,
)
from experimentos.design.parse.sexes import sexes
from experimentos.design.parse.sides import side_blocks
from experimentos.design.parse.squares import complete_blocks, pairs, periods, square_blocks
from experimentos.design.parse.treated import treated_with

EXTRACTORS = (
    number_lists, each_time, again, parenthesised_lists, colon_lists, code_lists, named_lists,
    placed_lists, code_ranges, either_or, versus, between, treated_with, with_or_without,
    once_without, switched, shares,
    named_arms, counted_factors, compared, ranges, months, time_spans,
    numbered_times, joint_factors,
    sexes, covariates, opposites, contrasted, or_not, paired_quantities, parted_quantities, stems,
    undone, each_of, apposed, told_as, spells, twice_with, counted_traits, choices, repeated_places,
    compared_with, shown_to, lettered,
    quoted, species, bracketed, frequencies, letter_ranges, scattered, attribute_pairs,
    placed_items, repeated_nouns, set_lists, left_undone,
    before_or_after, at_room_temperature, made_of, one_noun, times_a_day, repeated_verbs,
    compared_lists, told_by_group,
)  # fmt: skip
"""They read the text."""

GROUPINGS = (
    counted_groups, cued_groups, square_blocks, periods, pairs, complete_blocks, side_blocks,
)  # fmt: skip
"""They read the text and the mentions of its groups."""
