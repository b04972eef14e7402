-- Matches small enough to check by eye, of two models with the same addresses: run 31 holds the layer 4/2/6 of the first (units 1, 2 and 3,
-- which is dead) beside that of the second (units 11 and 12); run 30 is older, with only one partner and another answer.
insert into models values
    (1, 'RN50-quickgelu', 'openai', 'weights', 224, 1, 3),
    (2, 'RN101-quickgelu', 'openai', 'other weights', 224, 1, 2);
insert into layers values
    (1, 1, '4/2/6', 4, 2, 6, 0, 'relu', 'layer4.2', 3, 7, 7, 'image_block_4_2_Add_6_0'),
    (11, 2, '4/2/6', 4, 2, 6, 0, 'relu', 'layer4.2', 2, 7, 7, 'image_block_4_2_Add_6_0');
insert into units values
    (1, 1, 0, '4/2/6/0', 1, 0),
    (2, 1, 1, '4/2/6/1', 1, 0),
    (3, 1, 2, '4/2/6/2', 1, 0),
    (11, 11, 0, '4/2/6/0', 1, 0),
    (12, 11, 1, '4/2/6/1', 1, 0);
insert into runs
select
    run_id, 1, 'matches', 'RN101-quickgelu (openai)',
    '{"other_weights_sha256": "other weights", "own_layers": ["4/2/6"], "other_layers": ["4/2/6"], "shown": "pictures"}',
    'run ' || run_id, 'complete', 'cpu', 'float32', '{}',
    finished_at - interval 1 minute, finished_at, 1, row_count, null,
from (values (30, timestamp '2024-01-01 10:00:00', 6), (31, timestamp '2024-02-01 10:00:00', 13)) as given (run_id, finished_at, row_count);
insert into shards values (30, 0, 6, '2024-01-01 10:00:00'), (31, 0, 13, '2024-02-01 10:00:00');

-- Unit 1 and the other's unit 12 are each other's best; unit 2's best is 12, too, seventh for it; unit 3 has no partner.
insert into match_partners values
    (30, false, 1, 11, 1, 0.5, 0.5, 1, 1),
    (31, false, 1, 12, 1, 0.875, 0.75, 1, 1),
    (31, false, 1, 11, 2, 0.25, -0.5, 2, 1),
    (31, false, 2, 12, 1, 0.5, 0.25, 1, 7),
    (31, false, 2, 11, 2, 0.125, null, null, null),
    (31, true, 12, 1, 1, 0.875, 0.75, 1, 1),
    (31, true, 12, 2, 2, 0.5, 0.25, 7, 1),
    (31, true, 11, 1, 1, 0.25, -0.5, 1, 2),
    (31, true, 11, 2, 2, 0.125, null, null, null);
insert into match_nulls values
    (30, false, 1, 11, 40, 42, 0.25), (30, false, 2, 11, 40, 42, null), (30, false, 3, 11, 40, 42, null),
    (30, true, 11, 1, 40, 42, 0.25), (30, true, 12, 1, 40, 42, null),
    (31, false, 1, 11, 50, 52, 0.5), (31, false, 2, 11, 50, 52, 0.25), (31, false, 3, 11, 50, 52, null),
    (31, true, 11, 1, 50, 52, 0.125), (31, true, 12, 1, 50, 52, 0.375);
