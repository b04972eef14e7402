-- Effects small enough to check by eye, on the model of small_weights.sql: run 21 of trained weights replaced units 1 and 2 of 3/5/1 on
-- two pictures and read 4/2/5's only unit (8); run 22 is a control on another model; run 23 a gated weights run.
insert into models values (2, 'RN50-quickgelu', 'random-0', 'control weights', 224, 2, 3);
insert into layers values
    (21, 2, '3/5/1', 3, 5, 1, 0, 'conv', 'layer3.5.bn1', 2, 14, 14, 'image_block_3_5_add_1_0'),
    (22, 2, '4/2/5', 4, 2, 5, 1, 'conv', 'layer4.2.bn3', 1, 7, 7, 'image_block_4_2_add_5_0');
insert into units values (21, 21, 0, '3/5/1/0', 1, 0), (22, 21, 1, '3/5/1/1', 1, 0), (23, 22, 0, '4/2/5/0', 1, 0);
insert into runs values
    (21, 1, 'effects', '', '{}', 'run 21', 'complete', 'cpu', 'float32', '{}', '2024-02-01 10:00:00', '2024-02-01 10:01:00', 1, 4, null),
    (22, 2, 'effects', 'control', '{}', 'run 22', 'complete', 'cpu', 'float32', '{}', '2024-03-01 10:00:00', '2024-03-01 10:01:00', 1, 2, null),
    (23, 1, 'weights', 'gated', '{}', 'run 23', 'complete', 'cpu', 'float32', '{}', '2024-03-01 10:00:00', '2024-03-01 10:01:00', 1, 2, null);
insert into shards values (21, 0, 4, '2024-02-01 10:01:00'), (22, 0, 2, '2024-03-01 10:01:00'), (23, 0, 2, '2024-03-01 10:01:00');

-- Unit 1: linear 2, -2; gated 1, 1; real 1, -1. Unit 2: linear 4, 0; gated 2, -2; real 2, -2.
insert into connection_sums values (21, 1, 8, 2, 0, 2, 2, 0, 2), (21, 2, 8, 2, 4, 0, 4, 0, 4);
insert into truth_sums by name
select
    21 as run_id, 1 as lower_unit_id, 5 as upper_layer_id, 2 as picture_count, 2 as triple_count,
    0 as linear_sum, 8 as linear_square_sum, 4 as linear_absolute_sum,
    2 as gated_sum, 2 as gated_square_sum, 2 as gated_absolute_sum,
    0 as real_sum, 2 as real_square_sum, 2 as real_absolute_sum, 2 as real_nonzero_count,
    4 as linear_real_product_sum, 2 as linear_sign_count, 0 as gated_real_product_sum, 1 as gated_sign_count,
union all by name
select
    21 as run_id, 2 as lower_unit_id, 5 as upper_layer_id, 2 as picture_count, 2 as triple_count,
    4 as linear_sum, 16 as linear_square_sum, 4 as linear_absolute_sum,
    0 as gated_sum, 8 as gated_square_sum, 4 as gated_absolute_sum,
    0 as real_sum, 8 as real_square_sum, 4 as real_absolute_sum, 2 as real_nonzero_count,
    8 as linear_real_product_sum, 1 as linear_sign_count, 8 as gated_real_product_sum, 2 as gated_sign_count;
insert into connection_sums values (22, 21, 23, 2, 2, 2, 2, 2, 2);
insert into truth_sums by name
select
    22 as run_id, 21 as lower_unit_id, 22 as upper_layer_id, 2 as picture_count, 2 as triple_count,
    2 as linear_sum, 4 as linear_square_sum, 2 as linear_absolute_sum,
    2 as gated_sum, 4 as gated_square_sum, 2 as gated_absolute_sum,
    1 as real_sum, 1 as real_square_sum, 1 as real_absolute_sum, 1 as real_nonzero_count,
    2 as linear_real_product_sum, 1 as linear_sign_count, 2 as gated_real_product_sum, 1 as gated_sign_count;
insert into picture_effects values (23, 1, 8, 0.5, 0.5), (23, 2, 8, -1, 2);
