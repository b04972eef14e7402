-- Logits small enough to check every answer by eye: two units of 4/0/8, two heads of one number, a map of one cell, two texts
-- with embeddings cat = (1, 0) and dog = (0, 1). Unit 1 says cat through head 0, unit 2 says dog, twice, through head 1.
-- Pictures: 7, a cat on which unit 2 is silent, and 8, a dog. Both embeddings are (6, 8), of length 10.
-- Runs: logits 1 is older, 2 shown, 3 unfinished; pictures 4 kept three pictures, sample 5 keeps the first two by content.
insert into models values (1, 'RN50-quickgelu', 'openai', 'weights', 224, 1, 2);

insert into layers values (1, 1, '4/0/8', 4, 0, 8, 0, 'relu', 'layer4.0', 2, 1, 1, 'image_block_4_0_Add_8_0');

insert into units values (1, 1, 0, '4/0/8/0', 1, 0), (2, 1, 1, '4/0/8/1', 1, 0);

insert into runs values
    (1, 1, 'logits', '', '{}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 9, null),
    (2, 1, 'logits', '', '{"picture_count": 2, "concept_count": 2, "head_words": 1}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:01:00', 1, 30, null),
    (3, 1, 'logits', '', '{}', 'run 3', 'running', 'cpu', 'float32', '{}', '2024-03-01 10:00:00', null, 2, 1, null),
    (4, 1, 'pictures', '', '{"keep": "activations"}', 'run 4', 'complete', 'cpu', 'float32', '{}', '2024-01-01 10:00:00', '2024-01-01 10:01:00', 1, 0, null),
    (5, 1, 'pictures', '', '{"keep": "sketches", "kept_count": 2}', 'run 5', 'complete', 'cpu', 'float32', '{}', '2023-01-01 10:00:00', '2023-01-01 10:01:00', 1, 0, null);

insert into shards
select
    runs.run_id,
    0,
    runs.row_count,
    runs.started_at,
from runs;

insert into stimuli values
    (6, 'picture', 'broken', 'a.png', 'a', 9, 9, false, 'no picture'),
    (7, 'picture', 'cat', 'c.png', 'c', 9, 9, false, null),
    (8, 'picture', 'dog', 'b.png', 'b', 9, 9, false, null),
    (9, 'picture', null, 'd.png', 'd', 9, 9, false, null);

insert into run_stimuli values (2, 7), (2, 8), (4, 6), (4, 7), (4, 8), (4, 9), (5, 6), (5, 7), (5, 8), (5, 9);

insert into logit_concepts values (1, 0, 'cow', [1, 0]), (2, 0, 'cat', [1, 0]), (2, 1, 'dog', [0, 1]), (3, 0, 'pig', [1, 0]);

insert into logit_concept_heads values (2, 0, 0, [1]), (2, 0, 1, [0]), (2, 1, 0, [0]), (2, 1, 1, [1]);

insert into unit_heads values (2, 1, 0, [1]), (2, 1, 1, [0]), (2, 2, 0, [0]), (2, 2, 1, [2]);

insert into unit_positions values (2, 1, [2, 0]), (2, 2, [0, 4]);

insert into unit_projections values (2, 1, 0, 1), (2, 1, 1, 0), (2, 2, 0, 0), (2, 2, 1, 2);

insert into head_projections values (2, 1, 0, 1, 0, 1), (2, 1, 1, 1, 0, 0), (2, 2, 0, 1, 1, 0), (2, 2, 1, 1, 1, 2);

-- Strengths by head: along the shortcut, made by the convolutions.
insert into picture_strengths values
    (2, 7, 1, [3, 3], [1, 1]),
    (2, 7, 2, null, null),
    (2, 8, 1, [4, 0], [1, 0]),
    (2, 8, 2, [0, 2], [0, 1]);

-- Attention to the mean and to the cell; of picture 8 it meets no positional embedding but a zero.
insert into picture_attention values (2, 7, 0, [0.5, 0.5]), (2, 7, 1, [0.25, 0.75]), (2, 8, 0, [0, 1]), (2, 8, 1, [1, 0]);

insert into picture_embeddings values
    (2, 7, 10, [3, 0], [1, 0], [1, 6], [1, 2]),
    (2, 8, 10, [4, 4], [1, 2], [0, 0], [1, 2]);

-- The older run: one unit, one head, one picture, one text.
insert into logit_concept_heads values (1, 0, 0, [1]);

insert into unit_heads values (1, 1, 0, [1]);

insert into unit_positions values (1, 1, [0, 0]);

insert into unit_projections values (1, 1, 0, 1);

insert into head_projections values (1, 1, 0, 1, 0, 1);

insert into picture_strengths values (1, 7, 1, [1], [1]);

insert into picture_attention values (1, 7, 0, [0.5, 0.5]);

insert into picture_embeddings values (1, 7, 2, [1, 0], [1, 0], [0, 0], [0, 0]);

insert into run_stimuli values (1, 7);
