"""Version 3 on PostgreSQL: the sums of each variant, kept by the server with every change."""

from experimentos.store.sql import Cursor

# The values are summed as decimal numbers of any length: a run that goes takes away exactly what
# it brought. The shortest decimal that names a double is within half of its last bit.
SUMS = """
    select project, experiment, variant, kind, count(*), count(primary_value),
        coalesce(sum(primary_value::text::numeric), 0),
        coalesce(sum(primary_value::text::numeric * primary_value::text::numeric), 0),
        min(primary_value), max(primary_value)
    from run where deleted_at is null group by project, experiment, variant, kind
"""
# What a statement took away and what it brought; a heartbeat does neither.
TAKEN = (
    "select project, experiment, variant, kind, primary_value from gone where deleted_at is null"
)
BROUGHT = (
    "select project, experiment, variant, kind, primary_value from come where deleted_at is null"
)
FOLLOW = """
    insert into run_sum as held
    select project, experiment, variant, kind, sum(sign), coalesce(sum(sign * has), 0),
        coalesce(sum(sign * number), 0), coalesce(sum(sign * number * number), 0),
        min(value) filter (where sign > 0), max(value) filter (where sign > 0)
    from (
        select changed.*, primary_value as value, primary_value::text::numeric as number,
            (primary_value is not null)::int as has
        from changed
    ) as changes
    group by project, experiment, variant, kind
    on conflict (project, experiment, variant, kind) do update set
        runs = held.runs + excluded.runs, n = held.n + excluded.n,
        total = held.total + excluded.total, squares = held.squares + excluded.squares,
        low = least(held.low, excluded.low), high = greatest(held.high, excluded.high)
"""
STATEMENTS = (
    """
    create table run_sum (
        project text not null,
        experiment text not null,
        variant text collate "C" not null,
        kind text not null,
        runs bigint not null,
        n bigint not null,
        total numeric not null,
        squares numeric not null,
        low double precision,
        high double precision,
        primary key (project, experiment, variant, kind)
    )
    """,
    f"insert into run_sum {SUMS}",
    f"""
    create function run_sum_follow() returns trigger language plpgsql
    set search_path from current set extra_float_digits = 1 as $$
    begin
        if tg_op = 'TRUNCATE' then
            delete from run_sum;
        elsif tg_op = 'INSERT' then
            with changed as (select *, 1 as sign from ({BROUGHT}) as brought)
            {FOLLOW};
        else
            if tg_op = 'UPDATE' then
                with changed as (
                    select *, 1 as sign from ({BROUGHT} except all {TAKEN}) as brought
                    union all
                    select *, -1 as sign from ({TAKEN} except all {BROUGHT}) as taken
                )
                {FOLLOW};
                if not found then
                    return null;
                end if;
            else
                with changed as (select *, -1 as sign from ({TAKEN}) as taken)
                {FOLLOW};
            end if;
            delete from run_sum where runs = 0;
            -- The ends are found anew, by the index: what was taken may have been one of them.
            update run_sum as held set
                low = (
                    select min(run.primary_value) from run
                    where run.experiment = held.experiment and run.variant = held.variant
                    and run.project = held.project and run.kind = held.kind
                    and run.deleted_at is null
                ),
                high = (
                    select max(run.primary_value) from run
                    where run.experiment = held.experiment and run.variant = held.variant
                    and run.project = held.project and run.kind = held.kind
                    and run.deleted_at is null
                )
            from (select distinct project, experiment, variant, kind from gone) as touched
            where touched.project = held.project and touched.experiment = held.experiment
            and touched.variant = held.variant and touched.kind = held.kind;
        end if;
        return null;
    end $$
    """,  # noqa: S608 - own names
    """
    create trigger run_sum_insert after insert on run
    referencing new table as come for each statement execute function run_sum_follow()
    """,
    """
    create trigger run_sum_update after update on run
    referencing old table as gone new table as come
    for each statement execute function run_sum_follow()
    """,
    """
    create trigger run_sum_delete after delete on run
    referencing old table as gone for each statement execute function run_sum_follow()
    """,
    """
    create trigger run_sum_truncate after truncate on run
    for each statement execute function run_sum_follow()
    """,
)


def apply(cursor: Cursor) -> None:
    """Make the table of sums, fill it, and let it follow."""
    for statement in STATEMENTS:
        cursor.execute(statement)
