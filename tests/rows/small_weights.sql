-- Expanded weights small enough to check every answer by eye: two units of 3/5/1 drive one of 3/5/3, three of 3/5/5, one of
-- 4/1/5 and one of 4/2/5, with RN50's maps and supports. Weights: run 1 is older, run 2 shown, run 3 unfinished.
-- Contributions: run 4 is older, run 5 shown, run 6 unfinished.
insert into models values (1, 'RN50-quickgelu', 'openai', 'weights', 224, 5, 8);

insert into layers values
    (1, 1, '3/5/1', 3, 5, 1, 0, 'conv', 'layer3.5.bn1', 2, 14, 14, 'image_block_3_5_add_1_0'),
    (2, 1, '3/5/3', 3, 5, 3, 1, 'conv', 'layer3.5.bn2', 1, 14, 14, 'image_block_3_5_add_3_0'),
    (3, 1, '3/5/5', 3, 5, 5, 2, 'conv', 'layer3.5.bn3', 3, 14, 14, 'image_block_3_5_add_5_0'),
    (4, 1, '4/1/5', 4, 1, 5, 3, 'conv', 'layer4.1.bn3', 1, 7, 7, 'image_block_4_1_add_5_0'),
    (5, 1, '4/2/5', 4, 2, 5, 4, 'conv', 'layer4.2.bn3', 1, 7, 7, 'image_block_4_2_add_5_0');

-- The last but one is the scale: 3/5/5/1 is dead, two are negative.
insert into units values
    (1, 1, 0, '3/5/1/0', 0.5, 0),
    (2, 1, 1, '3/5/1/1', -2, 0),
    (3, 2, 0, '3/5/3/0', 1, 0),
    (4, 3, 0, '3/5/5/0', 4, 0),
    (5, 3, 1, '3/5/5/1', 0, 0),
    (6, 3, 2, '3/5/5/2', -1, 0),
    (7, 4, 0, '4/1/5/0', 1, 0),
    (8, 5, 0, '4/2/5/0', 2, 0);

insert into runs values
    (1, 1, 'weights', '', '{}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 3, null),
    (2, 1, 'weights', '', '{}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:01:00', 2, 18, null),
    (3, 1, 'weights', '', '{}', 'run 3', 'running', 'cpu', 'float32', '{}', '2024-03-01 10:00:00', null, 2, 2, null),
    (4, 1, 'contributions', '', '{"weights_settings_sha256": "run 1"}', 'run 4', 'complete', 'cpu', 'float32', '{}', '2024-01-02 10:00:00', '2024-01-02 10:01:00', 1, 3, null),
    (5, 1, 'contributions', '', '{"weights_settings_sha256": "run 2"}', 'run 5', 'complete', 'cpu', 'float32', '{}', '2024-02-02 10:00:00', '2024-02-02 10:01:00', 1, 11, null),
    (6, 1, 'contributions', '', '{"weights_settings_sha256": "run 3"}', 'run 6', 'running', 'cpu', 'float32', '{}', '2024-03-02 10:00:00', null, 2, 3, null);

insert into shards values
    (1, 0, 3, '2024-01-01 10:01:00'),
    (2, 0, 10, '2024-02-01 10:00:30'),
    (2, 1, 8, '2024-02-01 10:01:00'),
    (3, 0, 2, '2024-03-01 10:00:30'),
    (4, 0, 3, '2024-01-02 10:01:00'),
    (5, 0, 11, '2024-02-02 10:01:00'),
    (6, 0, 3, '2024-03-02 10:00:30');

-- A 3x3 around the centre (6, 6) of a map of 14 x 14 begins at (5, 5), so that the original's crop is 4 x 4. Below 4/1/5 it
-- has grown to 10 x 10, below 4/2/5 to the whole map.
insert into layer_pairs values
    (1, 1, 5, 0, 0, 14, 14, 196, true),
    (2, 1, 2, 5, 5, 3, 3, 9, false),
    (2, 1, 3, 5, 5, 3, 3, 9, false),
    (2, 1, 4, 2, 2, 10, 10, 100, false),
    (2, 1, 5, 0, 0, 14, 14, 196, true),
    (3, 1, 5, 0, 0, 14, 14, 196, true);

-- Run, lower unit, upper unit, sum, L1, L2.
insert into expanded_weights values
    (1, 1, 8, 1960, 1960, 140),
    (1, 2, 8, 1960, 1960, 140),
    (2, 1, 3, 9, 9, 9),
    (2, 2, 3, 18, 18, 6),
    (2, 1, 4, 9, 9, 3),
    (2, 2, 4, -18, 18, 18),
    (2, 1, 5, 4.5, 4.5, 1.5),
    (2, 2, 5, 0, 0, 0),
    (2, 1, 6, -9, 27, 9),
    (2, 2, 6, 27, 27, 9),
    (2, 1, 7, 100, 100, 10),
    (2, 2, 7, -200, 200, 20),
    (2, 1, 8, 196, 196, 14),
    (2, 2, 8, 392, 392, 28),
    (3, 1, 8, 19600, 19600, 1400);

-- In the order of the columns; 0.25, 0.375 and so on are exact in a float.
insert into contribution_statistics values
    (4, 'forward', 1, 5, 1, 9, 9, null, 9, 0, 1, 0.5, 9, 0.625, 0.5, 0.25, 0.5, 9, 9, 9),
    (4, 'backward', 8, 1, 2, 9, 9, null, 9, 0, 1, 0.5, 9, 0.625, 0.5, 0.25, 0.5, 9, 9, 9),
    (5, 'forward', 1, 2, 1, 1, 1, null, 1, 0, 1, 0.5, 2, 0.875, -0.25, 0.125, 0.75, 1, 9, 9),
    (5, 'forward', 1, 3, 3, 0.875, 0.75, -1, 1.5, 0.25, 0.375, 0.5, 2.5, 0.25, 0.125, 0.0625, 0.875, 0.5, 4.5, 9.5),
    (5, 'forward', 2, 3, 3, 1.75, 3, -2, 3.5, 0.5, 0, 1, 4, 0.5, 1.5, 0.1875, 0.125, 0, 9.25, 20),
    (5, 'forward', 1, 4, 1, 1, 1, null, 1, 0, 1, null, null, 0.375, null, 0.125, 0.25, null, 10, 10),
    (5, 'forward', 2, 4, 1, 0, null, null, 0, null, null, null, null, null, null, null, null, null, 20, 20),
    (5, 'forward', 1, 5, 1, 1, 1, null, 1, 0, 1, 0, 0, 0.75, 0, 0.25, 0, 0.125, 14, 14),
    (5, 'forward', 2, 5, 1, 2, 2, null, 2, 0, 1, 0, 0, 0.25, 0, 0.125, 1, 1.25, 28, 28),
    (5, 'backward', 4, 1, 2, 1.5, 1, -2, 2.25, 0, 0, -0.5, 6, 0.625, 0.75, 0.375, 0.0625, 0.375, 10.5, 18.25),
    (5, 'backward', 5, 1, 2, 0.25, 0.5, null, 0.5, 0.5, 1, null, null, null, null, null, null, null, 0.75, 1.5),
    (6, 'forward', 1, 5, 1, 99, 99, null, 99, 0, 1, 0, 0, 0.25, 0, 0.25, 0, 0, 99, 99),
    (6, 'backward', 8, 1, 1, 99, 99, null, 99, 0, 1, 0, 0, 0.25, 0, 0.25, 0, 0, 99, 99);

insert into layer_pair_statistics values (4, 1, 5, 0.25), (5, 1, 3, 0.75), (5, 1, 4, null), (6, 1, 5, -1);

insert into expanded_weight_kernels values
    (2, 1, 4, 3, 3, [1, 1, 1, 1, 1, 1, 1, 1, 1]),
    (2, 2, 4, 3, 3, [0, 0, 0, 0, -18, 0, 0, 0, 0]);
