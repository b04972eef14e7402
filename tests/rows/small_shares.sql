-- Shares small enough to check every answer by eye: block 4 with bottlenecks 0 and 1 of three channels. Channel 2 is dead.
-- Shares: run 1 is older (examples), run 2 shown (examples), run 3 shown (features), run 4 unfinished. Published: run 5 (4/1).
-- Evidence for candidates: pictures run 6, words run 7 with the baseline text 90.
insert into models values (1, 'RN50-quickgelu', 'openai', 'weights', 224, 5, 15);

insert into layers values
    (1, 1, '4/0/5', 4, 0, 5, 0, 'conv', 'layer4.0.bn3', 3, 7, 7, 'image_block_4_0_add_5_0'),
    (2, 1, '4/0/7', 4, 0, 7, 1, 'shortcut', 'layer4.0.downsample.1', 3, 7, 7, 'image_block_4_0_add_7_0'),
    (3, 1, '4/0/8', 4, 0, 8, 2, 'relu', 'layer4.0', 3, 7, 7, 'image_block_4_0_Add_8_0'),
    (4, 1, '4/1/5', 4, 1, 5, 3, 'conv', 'layer4.1.bn3', 3, 7, 7, 'image_block_4_1_add_5_0'),
    (5, 1, '4/1/6', 4, 1, 6, 4, 'relu', 'layer4.1', 3, 7, 7, 'image_block_4_1_Add_6_0');

-- Units 1 to 3 are 4/0/5, 4 to 6 4/0/7, 7 to 9 4/0/8, 10 to 12 4/1/5, 13 to 15 4/1/6.
insert into units
select
    (layers.layer_id - 1) * 3 + channels.channel_index + 1,
    layers.layer_id,
    channels.channel_index,
    layers.layer_name || '/' || channels.channel_index,
    1,
    0,
from layers
cross join range(3) as channels(channel_index);

insert into runs values
    (1, 1, 'shares', 'examples', '{}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 6, null),
    (2, 1, 'shares', 'examples', '{}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:01:00', 1, 12, null),
    (3, 1, 'shares', 'features', '{}', 'run 3', 'complete', 'cpu', 'float32', '{}', '2024-02-02 10:00:00', '2024-02-02 10:01:00', 1, 6, null),
    (4, 1, 'shares', 'examples', '{}', 'run 4', 'running', 'cpu', 'float32', '{}', '2024-03-01 10:00:00', null, 2, 6, null),
    (5, null, 'published', '4/1', '{}', 'run 5', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 3, null),
    (6, 1, 'pictures', '', '{}', 'run 6', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 0, null),
    (7, 1, 'words', '', '{}', 'run 7', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 16, 90);

insert into shards
select
    runs.run_id,
    0,
    runs.row_count,
    runs.started_at,
from runs;

-- Run, unit, definition, image source, images, shortcut norm, residual norm, share, deviation, cosine.
insert into residual_shares values
    (1, 13, 'added', 'examples', 2, 1, 1, 0.5, 0, 0),
    (1, 14, 'added', 'examples', 2, 1, 1, 0.5, 0, 0),
    (1, 15, 'added', 'examples', 2, 1, 1, 0.5, 0, 0),
    (1, 13, 'published', 'examples', 2, 1, 1, 0.5, 0, 0),
    (1, 14, 'published', 'examples', 2, 1, 1, 0.5, 0, 0),
    (1, 15, 'published', 'examples', 2, 1, 1, 0.5, 0, 0),
    (2, 7, 'added', 'examples', 2, 3, 1, 0.75, 0.125, 0.5),
    (2, 8, 'added', 'examples', 2, 19, 1, 0.95, 0, -0.5),
    (2, 9, 'added', 'examples', 0, null, null, null, null, null),
    (2, 7, 'published', 'examples', 2, 19, 1, 0.95, 0, 0),
    (2, 8, 'published', 'examples', 2, 19, 1, 0.95, 0, 0),
    (2, 9, 'published', 'examples', 0, null, null, null, null, null),
    (2, 13, 'added', 'examples', 2, 1, 1, 0.5, 0.25, 0.25),
    (2, 14, 'added', 'examples', 2, 3, 1, 0.75, 0, -1),
    (2, 15, 'added', 'examples', 2, 0, 1, 0, 0, null),
    (2, 13, 'published', 'examples', 2, 1, 3, 0.25, 0, 0),
    (2, 14, 'published', 'examples', 2, 19, 1, 0.95, 0, 0),
    (2, 15, 'published', 'examples', 2, 0, 0, null, null, null),
    (3, 13, 'added', 'features', 1, 1, 3, 0.25, null, 0),
    (3, 14, 'added', 'features', 1, 1, 3, 0.25, null, 0),
    (3, 15, 'added', 'features', 1, 1, 3, 0.25, null, 0),
    (3, 13, 'published', 'features', 1, 1, 1, 0.5, null, 0),
    (3, 14, 'published', 'features', 1, 31, 1, 0.96875, null, 0),
    (3, 15, 'published', 'features', 1, 0, 1, 0, null, null),
    (4, 13, 'added', 'examples', 2, 1, 1, 0.5, 0, 0);
update runs set row_count = 12 where run_id = 2;
update runs set row_count = 1 where run_id = 4;
update shards set row_count = 1 where run_id = 4;

insert into published_shares (run_id, unit_name, shortcut_share, cosine_distance, source_uri) values
    (5, '4/1/6/0', 0.25, 0.5, 'relu_conv_bottleneck_4_1.txt'),
    (5, '4/1/6/1', 0.9375, 1.5, 'relu_conv_bottleneck_4_1.txt'),
    (5, '4/1/6/2', null, null, 'relu_conv_bottleneck_4_1.txt');

insert into stimuli
select
    pictures.stimulus_id,
    'picture',
    null,
    pictures.stimulus_id || '.png',
    'picture ' || pictures.stimulus_id,
    224,
    224,
    false,
    null,
from range(1, 7) as pictures(stimulus_id);
insert into stimuli values
    (90, 'word', 'eeeeee', null, 'text 90', 224, 224, false, null),
    (91, 'word', 'hat', null, 'text 91', 224, 224, false, null),
    (92, 'word', 'ball', null, 'text 92', 224, 224, false, null),
    (93, 'word', 'cap', null, 'text 93', 224, 224, false, null);
insert into run_stimuli select 6, stimulus_id from stimuli where stimulus_kind = 'picture';
insert into run_stimuli select 7, stimulus_id from stimuli where stimulus_kind = 'word';

-- 4/1/6/0 (unit 13): its shortcut 4/0/8/0 (unit 7) sees pictures 1, 2, 3, its residual branch 4/1/5/0 (unit 10) 3, 4, 5: one of
-- five is shared. It keeps two of the one and one of the other. The activations at rank 21 and at 0 do not count.
-- 4/1/6/1 (unit 14): both branches (units 8 and 11) see picture 6 and nothing else.
insert into top_examples values
    (6, 13, 1, 1, 9, 9, 0, 0),
    (6, 13, 2, 2, 8, 8, 0, 0),
    (6, 13, 3, 4, 7, 7, 0, 0),
    (6, 7, 1, 1, 9, 9, 0, 0),
    (6, 7, 2, 2, 8, 8, 0, 0),
    (6, 7, 3, 3, 7, 7, 0, 0),
    (6, 7, 21, 6, 6, 6, 0, 0),
    (6, 10, 1, 3, 9, 9, 0, 0),
    (6, 10, 2, 4, 8, 8, 0, 0),
    (6, 10, 3, 5, 7, 7, 0, 0),
    (6, 10, 4, 6, 0, 0, 0, 0),
    (6, 8, 1, 6, 9, 9, 0, 0),
    (6, 11, 1, 6, 9, 9, 0, 0);
update runs set row_count = 13 where run_id = 6;
update shards set row_count = 13 where run_id = 6;

-- Words of unit 13's branches: the shortcut says hat and cap, the residual branch ball and cap (one of three is shared); what does
-- not pass the baseline (2) does not count. Unit 14's branches saw no words.
insert into activations values
    (7, 90, 7, 2, 2), (7, 91, 7, 9, 9), (7, 92, 7, 1, 1), (7, 93, 7, 8, 8),
    (7, 90, 10, 2, 2), (7, 91, 10, 2, 2), (7, 92, 10, 9, 9), (7, 93, 10, 3, 3),
    (7, 90, 13, 2, 2), (7, 91, 13, 9, 9), (7, 92, 13, 8, 8), (7, 93, 13, 1, 1);
insert into baseline_activations values (7, 7, 2), (7, 10, 2), (7, 13, 2);
update runs set row_count = 12 where run_id = 7;
update shards set row_count = 12 where run_id = 7;
