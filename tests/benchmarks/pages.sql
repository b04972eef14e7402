-- A warehouse of RN50's shape with random rows: 50 million weight pairs, 20 million activations. Rows lie as jobs write them.
insert into models values (1, 'RN50', 'random-0', 'benchmark', 224, 68, 41600);

insert into layers
with ops as (
    select block_index, bottleneck_index, unnest(if(bottleneck_index = 0, [1, 3, 5, 7, 8], [1, 3, 5, 6])) as op_index,
    from (select unnest([1, 2, 3, 4]) as block_index, unnest([3, 4, 6, 3]) as bottleneck_count) as blocks
    cross join range(6) as bottlenecks(bottleneck_index)
    where bottleneck_index < bottleneck_count
)

select
    row_number() over (order by block_index, bottleneck_index, op_index) as layer_id,
    1, block_index || '/' || bottleneck_index || '/' || op_index, block_index, bottleneck_index, op_index,
    layer_id - 1, if(op_index in (6, 8), 'relu', 'conv'), '', 64 * 2 ** (block_index - 1) * if(op_index in (1, 3), 1, 4),
    112 // 2 ** block_index, 112 // 2 ** block_index, ''
from ops;

insert into units
select
    row_number() over (order by layer_id, channel_index) as unit_id, layer_id, channel_index,
    layer_name || '/' || channel_index, 1, 0
from layers
cross join range(2048) as channels(channel_index)
where channel_index < channel_count;

insert into stimuli
select number, 'word', 'word' || number, null, 'w' || number, 224, 224, number % 50 = 0, null from range(1, 5001) as words(number)
union all
select number, 'picture', null, 'p' || number, 'p' || number, 224, 224, number % 50 = 0, null
from range(5001, 10001) as pictures(number);

insert into runs
select
    number, 1, job_name, '', '{}', job_name, 'complete', 'cpu', 'float32', '{}', timestamp '2026-01-01',
    timestamp '2026-01-02', 1, 0, null
from (values (1, 'words'), (2, 'pictures'), (3, 'weights')) as jobs (number, job_name);

insert into activations
select if(stimulus_id <= 5000, 1, 2), stimulus_id, unit_id, random(), random() + 1
from range(2) as halves(half)
cross join (select unit_id from units inner join layers using (layer_id) where layer_name = '4/2/6') as last_units
cross join range(1, 5001) as shown(number)
cross join lateral (select 5000 * half + number as stimulus_id) as ids
order by half, unit_id, stimulus_id;

insert into baseline_activations select 1, unit_id, 0.5 from units inner join layers using (layer_id) where layer_name = '4/2/6';

insert into activation_sketches
select run_id, unit_id, count(*), sum(activation_mean), sum(activation_mean ** 2), count(*), 0, 1, 2
from activations where run_id = 2 group by run_id, unit_id;

insert into top_examples
select run_id, unit_id, example_rank, stimulus_id, activation_mean, activation_max, 3, 3
from (
    select *, row_number() over (partition by unit_id order by activation_mean desc) as example_rank,
    from activations where run_id = 2
)
where example_rank <= 20
order by unit_id, example_rank;

insert into layer_pairs
select 3, lowers.layer_id, uppers.layer_id, 0, 0, 7, 7, 49, false
from layers as lowers
inner join layers as uppers on uppers.layer_name = '4/2/5' and lowers.layer_order < uppers.layer_order;

-- All lower units from the third block on, 256 upper channels a shard.
insert into expanded_weights
select 3, lowers.unit_id, uppers.unit_id, random() - 0.5, random() + 1, random()
from (select unit_id, channel_index // 256 as shard from units inner join layers using (layer_id) where layer_name = '4/2/5') as uppers
cross join (
    select unit_id
    from units
    inner join layers using (layer_id)
    where layer_order < (select layer_order from layers where layer_name = '4/2/5')
    order by unit_id desc
    limit 24600
) as lowers
order by uppers.shard, lowers.unit_id, uppers.unit_id;
