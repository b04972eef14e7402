-- Rows for tests/pictured.py: temp tables shown_pictures and shown_layers say what is shown to which layers.
create temp table next_run as
select
    (select coalesce(max(run_id), 0) from runs) as last_id,
    (select list(image order by stimulus_id) from shown_pictures) as images,
    (select count(*) from shown_pictures) as picture_count;

insert into runs
select
    last_id + jobs.number, 1, jobs.job_name, '', '{}', jobs.job_name || ' by hand', 'complete', 'cpu', 'float32', '{}',
    timestamp '2030-01-01', timestamp '2030-01-02', 0, 0, null
from next_run
cross join (values (1, 'pictures'), (2, 'features'), (3, 'shares')) as jobs (number, job_name);

insert into stimuli
select stimulus_id, 'picture', 'picture ' || stimulus_id, null, 'picture ' || stimulus_id, 64, 64, stimulus_id % 10 = 0, null
from shown_pictures;

insert into run_stimuli select last_id + 1, stimulus_id from next_run cross join shown_pictures;
insert into thumbnails select stimulus_id, image from shown_pictures;

create temp table shown_units as
select units.unit_id, layers.op_index, layers.map_height, layers.map_width
from units
inner join layers on units.layer_id = layers.layer_id
inner join shown_layers on layers.layer_name = shown_layers.layer_name
where layers.model_id = 1;

-- A ReLU's answer: about half of the pictures zero, few large ones.
create temp table shown_activations as
select
    last_id + 1 as run_id,
    stimulus_id,
    unit_id,
    greatest((hash(stimulus_id, unit_id) % 1000) / 500 - 0.9, if(op_index in (6, 8), 0, -0.9)) ** 3::float as activation_mean,
from next_run
cross join shown_units
cross join shown_pictures
order by unit_id, stimulus_id;

insert into activations
select run_id, stimulus_id, unit_id, activation_mean, activation_mean + 0.5 from shown_activations;

insert into activation_sketches
select
    run_id, unit_id, count(*), sum(activation_mean), sum(activation_mean ** 2), count(*) filter (where activation_mean > 0),
    min(activation_mean), max(activation_mean), max(activation_mean) + 0.5
from shown_activations
group by run_id, unit_id;

insert into top_examples
select
    ranked.run_id, ranked.unit_id, ranked.example_rank, ranked.stimulus_id, ranked.activation_mean, ranked.activation_mean + 0.5,
    hash(ranked.stimulus_id) % shown_units.map_height, hash(ranked.unit_id) % shown_units.map_width
from (
    select
        *,
        row_number() over (partition by unit_id order by activation_mean desc, stimulus_id) as example_rank,
    from shown_activations
) as ranked
inner join shown_units on ranked.unit_id = shown_units.unit_id
where ranked.example_rank <= 20;

insert into feature_visualizations
select
    last_id + 2, units.unit_id, 'optimised', 'channel', next_run.images[1 + units.unit_id * 7 % next_run.picture_count], 1 + (units.unit_id % 100) / 50, 4, null,
    'f' || units.unit_id, null
from next_run
cross join units
inner join layers on units.layer_id = layers.layer_id and layers.model_id = 1 and layers.block_index = 4;

insert into residual_shares
select
    last_id + 3, units.unit_id, ways.definition, ways.image_source, ways.image_count, 1, 1,
    (hash(units.unit_id, ways.definition) % 100) / 100, 0.1, 0.25
from next_run
cross join units
inner join layers on units.layer_id = layers.layer_id and layers.model_id = 1 and layers.op_index in (6, 8)
cross join (
    values ('added', 'features', 1), ('added', 'examples', 100), ('published', 'features', 1), ('published', 'examples', 100)
) as ways (definition, image_source, image_count)
where layers.block_index = 4;

-- Kernels of the pairs of two thousand shown, 5 x 5, a bump with a sign.
insert into expanded_weight_kernels
select
    expanded_weights.run_id, expanded_weights.lower_unit_id, expanded_weights.upper_unit_id, 5, 5,
    [
        sign(expanded_weights.weight_sum) * exp(-((cell // 5 - 2) ** 2 + (cell % 5 - 2) ** 2) / 3)
        - 0.35 * (hash(cell, expanded_weights.lower_unit_id) % 100) / 100
        for cell in range(25)
    ]
from expanded_weights
inner join units on expanded_weights.upper_unit_id = units.unit_id
inner join layers on units.layer_id = layers.layer_id and layers.block_index = 4
inner join units as lowers on expanded_weights.lower_unit_id = lowers.unit_id
inner join layers as lower_layers on lowers.layer_id = lower_layers.layer_id and lower_layers.block_index = 4
where units.channel_index < 16 and expanded_weights.lower_unit_id % 3 > 0;
