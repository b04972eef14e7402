-- A warehouse small enough to check every answer by eye: layer 4/1/5 has one unit, layer 4/2/6 two.
-- Run 2 is the newest complete words run, run 1 an older one, run 3 unfinished, run 4 shows a picture.
insert into models values (1, 'RN50-quickgelu', 'openai', 'weights', 224, 2, 3);

insert into layers values
    (1, 1, '4/1/5', 4, 1, 5, 0, 'conv', 'layer4.1.bn3', 1, 7, 7, 'image_block_4_1_add_5_0'),
    (2, 1, '4/2/6', 4, 2, 6, 1, 'relu', 'layer4.2', 2, 7, 7, 'image_block_4_2_Add_6_0');

insert into units values
    (1, 1, 0, '4/1/5/0', 0.5, -1),
    (2, 2, 0, '4/2/6/0', 1, 0),
    (3, 2, 1, '4/2/6/1', 1, 0);

insert into stimuli values
    (1, 'word', 'eeeeee', null, 'text 1', 224, 224, false, null),
    (2, 'word', 'cat', null, 'text 2', 224, 224, false, null),
    (3, 'word', 'dog', null, 'text 3', 224, 224, false, null),
    (4, 'word', 'damn', null, 'text 4', 224, 224, true, null),
    (5, 'word', 'incomprehensibilities', null, 'text 5', 224, 224, false, 'text needs 230 x 24 px'),
    (6, 'picture', 'a cat', 'cat.png', 'picture 1', 224, 224, false, null);

insert into runs values
    (1, 1, 'words', '', '{"baseline": "average", "layers": ["4/1/5", "4/2/6"]}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 6, null),
    (2, 1, 'words', '', '{"baseline": "eeeeee", "layers": ["4/1/5", "4/2/6"]}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:00:30', 2, 12, 1),
    (3, 1, 'words', '', '{"baseline": "cat", "layers": ["4/1/5", "4/2/6"]}', 'run 3', 'running', 'cpu', 'bf16', '{}', '2024-03-01 10:00:00', null, 2, 3, 2),
    (4, 1, 'pictures', '', '{}', 'run 4', 'complete', 'cpu', 'float32', '{}', '2024-01-15 10:00:00', '2024-01-15 10:00:01', 1, 3, null);

insert into run_stimuli values (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (2, 4), (2, 5), (3, 2), (3, 3), (4, 6);

insert into shards values
    (1, 0, 6, '2024-01-01 10:01:00'),
    (2, 0, 6, '2024-02-01 10:00:20'),
    (2, 1, 6, '2024-02-01 10:00:30'),
    (3, 0, 3, '2024-03-01 10:00:10'),
    (4, 0, 3, '2024-01-15 10:00:01');

-- Run, stimulus, spatial mean of 4/1/5/0, 4/2/6/0, 4/2/6/1; every maximum is 10 above its mean.
insert into activations
select
    answers.run_id,
    answers.stimulus_id,
    units.unit_id,
    answers.means[units.unit_id] as activation_mean,
    answers.means[units.unit_id] + 10 as activation_max,
from (
    values
        (1, 2, [1, 2, 3]),
        (1, 3, [3, 6, 9]),
        (2, 1, [1, 2, 6]),
        (2, 2, [5, 4, 5]),
        (2, 3, [2, 8, 6]),
        (2, 4, [0, 3, 12]),
        (3, 2, [100, 100, 100]),
        (4, 6, [3, 9, 1])
) as answers (run_id, stimulus_id, means)
cross join units;

insert into baseline_activations values (1, 1, 2), (1, 2, 4), (1, 3, 6), (2, 1, 1), (2, 2, 2), (2, 3, 6);
