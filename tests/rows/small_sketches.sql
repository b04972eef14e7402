-- Pictures small enough to check by eye: layer 4/2/6 has two units, run 1 keeps sketches of three pictures and the activations
-- of two, run 2 shows one of them with the text iPod.
insert into models values (1, 'RN50', 'openai', 'weights', 224, 1, 2);
insert into layers values (1, 1, '4/2/6', 4, 2, 6, 0, 'relu', 'layer4.2', 2, 7, 7, 'image_block_4_2_Add_6_0');
insert into units values (1, 1, 0, '4/2/6/0', 1, 0), (2, 1, 1, '4/2/6/1', 1, 0);

insert into stimuli values
    (1, 'picture', 'a cat', 'cat.png', 'aa', 224, 224, false, null),
    (2, 'picture', 'a hat', 'hat.png', 'bb', 224, 224, false, null),
    (3, 'picture', null, 'cap.png', 'cc', 224, 224, false, null),
    (4, 'picture', null, 'broken.png', 'dd', null, null, false, 'the file is empty'),
    (5, 'typographic', 'a cat', 'cat.png', 'ee', 224, 224, false, null);
insert into typographic_stimuli values (5, 1, 'iPod');

insert into runs values
    (1, 1, 'pictures', '', '{"layers": ["4/2/6"], "keep": "sketches", "kept_count": 2, "picture_count": 4}', 'run 1', 'complete', 'cpu', 'float32', '{}', '2024-01-01', '2024-01-02', 1, 17, null),
    (2, 1, 'typographic', '', '{"layers": ["4/2/6"]}', 'run 2', 'complete', 'cpu', 'float32', '{}', '2024-01-01', '2024-01-02', 1, 4, null);
insert into run_stimuli values (1, 1), (1, 2), (1, 3), (1, 4), (2, 1), (2, 5);
insert into shards values (1, 0, 17, '2024-01-02'), (2, 0, 4, '2024-01-02');

-- Spatial means of unit 1: cat 1, hat 2, cap 4; of unit 2: 0, 0, -1. Every maximum is 1 above its mean.
insert into activations values
    (1, 1, 1, 1, 2), (1, 2, 1, 2, 3), (1, 1, 2, 0, 1), (1, 2, 2, 0, 1),
    (2, 1, 1, 1, 2), (2, 5, 1, 4, 5), (2, 1, 2, 0, 1), (2, 5, 2, -2, -1);
insert into activation_sketches values (1, 1, 3, 7, 21, 3, 1, 4, 5), (1, 2, 3, -1, 1, 0, -1, 0, 1);
insert into activation_histograms values (1, 1, 193, 1), (1, 1, 201, 1), (1, 1, 209, 1), (1, 2, -193, 1), (1, 2, 0, 2);
insert into top_examples values
    (1, 1, 1, 3, 4, 5, 0, 0), (1, 1, 2, 2, 2, 3, 3, 3), (1, 1, 3, 1, 1, 2, 6, 6),
    (1, 2, 1, 1, 0, 1, 0, 0), (1, 2, 2, 2, 0, 1, 0, 0), (1, 2, 3, 3, -1, 0, 0, 0);
