-- Which pictures leave a mostly silent unit silent, and which drive it more and more? One row per picture: group 0 at or below zero, 1 to 9 above.
-- Section Pictures by activation level, for a unit that most pictures leave at zero. Five pictures a group, evenly spaced by rank.
with known as (
    select stimulus_id, activation_mean, activation_mean > 0 as is_above
    from all_runs.picture_activations
    where run_id = $run and unit_name = $unit
),

grouped as (
    select
        stimulus_id, activation_mean,
        if(is_above, ntile(9) over (partition by is_above order by activation_mean, stimulus_id), 0) as quantile_group
    from known
),

placed as (
    select
        stimulus_id, activation_mean, quantile_group,
        row_number() over (partition by quantile_group order by activation_mean, stimulus_id) as place,
        count(*) over (partition by quantile_group) as group_size
    from grouped
)

select
    quantile_group, row_number() over (partition by quantile_group order by place) as picture_index,
    stimulus_id, stimulus_text as caption, activation_mean, is_explicit
from placed
inner join stimuli using (stimulus_id)
where place * 5 // group_size > (place - 1) * 5 // group_size
order by quantile_group, place;
