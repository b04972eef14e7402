-- Names on top of small_warehouse.sql: pictures 21 and 22 named the units, 23 and 24 are held out; embeddings of two numbers.
-- 4/2/6/0 is cat and varies with it, 4/2/6/1 is dog (a keyword of the cow), 4/1/5/0 is silent. Run 8 is older and has one unit.
insert into runs values
    (7, 1, 'names', '', '{"concept_count": 3, "names_kept": 2, "examples": 1, "layers": ["4/1/5", "4/2/6"]}', 'run 7', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:01:00', 1, 23, null),
    (8, 1, 'names', '', '{"concept_count": 2, "names_kept": 1, "examples": 1, "layers": ["4/1/5"]}', 'run 8', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 9, null);

insert into shards values (7, 0, 23, '2024-02-01 10:01:00'), (8, 0, 9, '2024-01-01 10:01:00');

insert into stimuli values
    (21, 'picture', 'a cat', '21.png', 'picture 21', 9, 9, false, null),
    (22, 'picture', 'two dogs', '22.png', 'picture 22', 9, 9, false, null),
    (23, 'picture', 'Cats', '23.png', 'picture 23', 9, 9, false, null),
    (24, 'picture', 'a cow', '24.png', 'picture 24', 9, 9, false, null);

insert into stimulus_keywords values (24, 'dog'), (24, 'farm');

insert into run_stimuli values (7, 21), (7, 22), (7, 23), (7, 24), (8, 21), (8, 23);

insert into name_concepts values
    (7, 0, 'cat', false, [1, 0]),
    (7, 1, 'dog', false, [0, 1]),
    (7, 2, 'cow', false, [0.6, 0.8]),
    (7, -1, '', false, [0.8, 0.6]),
    (8, 0, 'pig', false, [1, 0]),
    (8, 1, 'hen', false, [0, 1]),
    (8, -1, '', false, [0.8, 0.6]);

insert into name_pictures values
    (7, 21, false, [1, 0]),
    (7, 22, false, [0, 1]),
    (7, 23, true, [1, 0]),
    (7, 24, true, [0.6, 0.8]),
    (8, 21, false, [1, 0]),
    (8, 23, true, [1, 0]);

insert into name_ranks values
    (7, 1, 1, 2, 0, null),
    (7, 1, 2, 0, 0, null),
    (7, 2, 1, 0, 2, 0.9),
    (7, 2, 2, 1, 1, -0.9),
    (7, 3, 1, 1, 3, 0.5),
    (7, 3, 2, 2, 2, 0.4),
    (8, 1, 1, 0, 0, 0.1);

insert into name_units values (7, 1, 1, null, 0.8944272), (7, 2, 2, 0.1, 1), (7, 3, 0, -0.5, 0.9486833), (8, 1, 1, 0, 1);

-- The mean embeddings of the two pictures of each unit are (0.8, 0.4), (1, 0) and (0.3, 0.9).
insert into name_examples values
    (7, 1, false, 1, 21, 0),
    (7, 1, true, 1, 24, 0),
    (7, 2, false, 1, 21, 5),
    (7, 2, true, 1, 23, 4),
    (7, 3, false, 1, 22, 7),
    (7, 3, true, 1, 24, 2),
    (8, 1, false, 1, 21, 1),
    (8, 1, true, 1, 23, 1);
