-- A picture's graph small enough to check every answer by eye: 4/0/8 and 4/1/6 of two units, and 4/1/5, which 4/1/6 adds.
-- Run 1 explains the cosine 1.0 of picture 7 with dog: 0.6 and 0.3 by 4/1/6, constant 0.1. Run 2 is unfinished.
insert into models values (1, 'RN50-quickgelu', 'openai', 'weights', 224, 4, 8);

insert into layers values
    (1, 1, '4/0/7', 4, 0, 7, 0, 'shortcut', 'layer4.0.downsample.1', 2, 1, 2, 'image_block_4_0_add_7_0'),
    (2, 1, '4/0/8', 4, 0, 8, 1, 'relu', 'layer4.0', 2, 1, 2, 'image_block_4_0_Add_8_0'),
    (3, 1, '4/1/5', 4, 1, 5, 2, 'conv', 'layer4.1.bn3', 2, 1, 2, 'image_block_4_1_add_5_0'),
    (4, 1, '4/1/6', 4, 1, 6, 3, 'relu', 'layer4.1', 2, 1, 2, 'image_block_4_1_Add_6_0');

insert into units
select
    (layers.layer_id - 1) * 2 + channels.channel_index + 1,
    layers.layer_id,
    channels.channel_index,
    layers.layer_name || '/' || channels.channel_index,
    1,
    0,
from layers
cross join range(2) as channels(channel_index);

insert into runs values
    (1, 1, 'explain', 'dog on 5e77', '{}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 8, null),
    (2, 1, 'explain', 'cat on 5e77', '{}', 'run 2', 'running', 'cpu', 'float32', '{}', '2024-01-02 10:00:00', null, 1, 0, null);

insert into shards
select
    runs.run_id,
    0,
    runs.row_count,
    runs.started_at,
from runs
where runs.run_id = 1;

insert into stimuli values (7, 'picture', 'dog', 'd.png', 'd', 9, 9, false, null);

insert into run_stimuli values (1, 7), (2, 7);

insert into graph_targets values (1, 7, 'dog', 'text', 1.0);

insert into graph_cuts values (1, 4, 0.1), (1, 2, 0.35);

-- Attribution, along the shortcut, by the convolutions, from no lower unit; 4/1/6/1 is not shown.
insert into graph_nodes values
    (1, 7, 0.6, 0.5, 0.1, 0.05, true, [0.4, 0.2]),
    (1, 8, 0.3, 0.4, -0.1, null, false, null),
    (1, 3, 0.75, 0.25, 0.5, null, true, [0.75, 0]),
    (1, 4, -0.1, 0, -0.1, null, false, null);

insert into graph_edges values (1, 3, 7, 0.45, 0.5, -0.05);
