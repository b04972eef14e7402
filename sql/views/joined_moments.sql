-- What are the average and the spread of a unit's responses, over the picture sets of several runs? One row per unit: from joined_moments([5, 8]).
-- Source: activation_sketches, whose sums add up exactly. Units that all of the runs measured; an error where the
-- sets share pictures, which would count twice (shared_pictures lists them).
create or replace macro joined_moments(joined_runs) as table
with together as (
    select
        activation_sketches.unit_id,
        count(*) as run_count,
        sum(activation_sketches.stimulus_count)::bigint as picture_count,
        sum(activation_sketches.activation_sum) as activation_sum,
        sum(activation_sketches.activation_square_sum) as activation_square_sum,
        sum(activation_sketches.positive_count)::bigint as positive_count,
        min(activation_sketches.activation_mean_min) as activation_smallest,
        max(activation_sketches.activation_mean_max) as activation_largest,
    from activation_sketches
    where list_contains(joined_runs, activation_sketches.run_id)
    group by activation_sketches.unit_id
    having sum(activation_sketches.stimulus_count) > 0
),

shared as (
    select count(*) as picture_count
    from shared_pictures(joined_runs)
)

select
    together.unit_id,
    units.unit_name,
    together.picture_count,
    together.activation_sum / together.picture_count as activation_average,
    sqrt(
        greatest(together.activation_square_sum - together.activation_sum ** 2 / together.picture_count, 0)
        / nullif(together.picture_count - 1, 0)
    ) as activation_deviation,
    together.positive_count / together.picture_count as positive_share,
    together.activation_smallest,
    together.activation_largest,
from together
inner join units on together.unit_id = units.unit_id
cross join shared
where
    together.run_count = len(list_distinct(joined_runs))
    and case
        when shared.picture_count = 0 then true
        else error('these runs share ' || shared.picture_count || ' pictures, which would count twice')::boolean
    end;
comment on macro table joined_moments is 'Average and deviation of each unit''s spatial mean activation over the picture sets of several runs, exact.';
