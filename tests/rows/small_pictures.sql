-- Pictures small enough to check every answer by eye, on top of small_warehouse.sql: run 5 shows ten pictures to the two
-- units of 4/2/6 and replaces run 4, in which unit 3 saw one picture. Run 6 is a typographic run that showed picture 11 again.
insert into stimuli values
    (11, 'picture', 'cat', 'p1.png', 'picture 11', 224, 224, false, null),
    (12, 'picture', 'two red Cats', 'p2.png', 'picture 12', 224, 224, false, null),
    (13, 'picture', 'a dog', 'p3.png', 'picture 13', 224, 224, false, null),
    (14, 'picture', 'a hot dog', 'p4.png', 'picture 14', 224, 224, false, null),
    (15, 'picture', 'a house', 'p5.png', 'picture 15', 224, 224, false, null),
    (16, 'picture', 'a catalogue', 'p6.png', 'picture 16', 224, 224, false, null),
    (17, 'picture', null, 'p7.png', 'picture 17', 224, 224, false, null),
    (18, 'picture', 'a dogma', 'p8.png', 'picture 18', 224, 224, true, null),
    (19, 'picture', 'a tree', 'p9.png', 'picture 19', 224, 224, false, null),
    (20, 'picture', 'a road', 'p10.png', 'picture 20', 224, 224, false, null),
    (21, 'picture', 'cat', 'torn.png', 'picture 21', null, null, false, 'cannot be read');

insert into runs values
    (5, 1, 'pictures', '', '{"layers": ["4/2/6"]}', 'run 5', 'complete', 'cpu', 'float32', '{}', '2024-05-01 10:00:00', '2024-05-01 10:00:01', 1, 20, null),
    (6, 1, 'typographic', '', '{"layers": ["4/2/6"]}', 'run 6', 'complete', 'cpu', 'float32', '{}', '2024-06-01 10:00:00', '2024-06-01 10:00:01', 1, 2, null);

insert into shards values (5, 0, 20, '2024-05-01 10:00:01'), (6, 0, 2, '2024-06-01 10:00:01');

insert into run_stimuli
select
    5 as run_id,
    range as stimulus_id,
from range(11, 22);

insert into run_stimuli values (6, 11);

-- Unit 2 says 10, 9 ... 1 to pictures 11 to 20 (average 5.5, sum of squares 385), unit 3 eight times 0, then 4 and -4.
insert into activations
select
    5 as run_id,
    10 + pictures.range as stimulus_id,
    answers.unit_id,
    answers.means[pictures.range] as activation_mean,
    answers.means[pictures.range] + 1 as activation_max,
from (values (2, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), (3, [0, 0, 0, 0, 0, 0, 0, 0, 4, -4])) as answers (unit_id, means)
cross join range(1, 11) as pictures;

insert into activations values (6, 11, 2, 10, 11), (6, 11, 3, 0, 1);

insert into activation_sketches values
    (5, 2, 10, 55, 385, 10, 1, 10, 11),
    (5, 3, 10, 0, 32, 1, -4, 4, 5);

-- 2^2 is the bound of bucket 209 (8 * 26 + 1).
insert into activation_histograms values
    (5, 2, 193, 1), (5, 2, 201, 1), (5, 2, 205, 1), (5, 2, 209, 1), (5, 2, 211, 1), (5, 2, 213, 1), (5, 2, 215, 1),
    (5, 2, 217, 1), (5, 2, 218, 1), (5, 2, 219, 1), (5, 3, -209, 1), (5, 3, 0, 8), (5, 3, 209, 1);

insert into top_examples values
    (5, 2, 1, 11, 10, 11, 0, 6),
    (5, 2, 2, 12, 9, 10, 3, 3),
    (5, 2, 3, 13, 8, 9, 6, 0),
    (5, 2, 4, 14, 7, 8, 0, 0),
    (5, 3, 1, 19, 4, 5, 0, 0),
    (5, 3, 2, 11, 0, 1, 0, 0);

-- Units 2 and 3 were shown to be about cats and trees.
insert into labels values
    (2, 11, 'cat', '2024-07-01 10:00:00'),
    (2, 11, 'animal', '2024-07-01 10:01:00'),
    (2, 12, 'cat', '2024-07-01 10:02:00'),
    (2, 13, 'animal', '2024-07-01 10:03:00'),
    (2, 15, 'other', '2024-07-01 10:04:00'),
    (3, 19, 'tree', '2024-07-01 10:05:00');
