-- What are the average and the spread of a unit's responses to pictures? One row per run and unit.
-- Source: definitions.md section 2; activation_sketches, so every picture of the run counts, however few were kept.
create or replace view activation_moments as
select
    activation_sketches.run_id,
    activation_sketches.unit_id,
    activation_sketches.stimulus_count as picture_count,
    activation_sketches.activation_sum / activation_sketches.stimulus_count as activation_average,
    sqrt(
        greatest(
            activation_sketches.activation_square_sum
            - activation_sketches.activation_sum ** 2 / activation_sketches.stimulus_count,
            0
        ) / nullif(activation_sketches.stimulus_count - 1, 0)
    ) as activation_deviation,
    activation_sketches.positive_count / activation_sketches.stimulus_count as positive_share,
    activation_sketches.activation_mean_min as activation_smallest,
    activation_sketches.activation_mean_max as activation_largest,
from activation_sketches
inner join shown_runs on activation_sketches.run_id = shown_runs.run_id
where activation_sketches.stimulus_count > 0;
comment on view activation_moments is 'Average and standard deviation of each unit''s spatial mean activation over all pictures of a run.';
comment on column activation_moments.run_id is 'Run that measured it.';
comment on column activation_moments.unit_id is 'Unit.';
comment on column activation_moments.picture_count is 'Pictures shown, kept or not.';
comment on column activation_moments.activation_average is 'Average of the spatial mean activation over the pictures.';
comment on column activation_moments.activation_deviation is 'Its sample standard deviation (n - 1); null for a single picture.';
comment on column activation_moments.positive_share is 'Share of pictures with a spatial mean activation above zero.';
comment on column activation_moments.activation_smallest is 'Smallest spatial mean activation.';
comment on column activation_moments.activation_largest is 'Largest spatial mean activation.';
