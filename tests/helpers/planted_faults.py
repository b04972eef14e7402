"""Faults for each check of sql/checks, planted into the rows of tests/rows/: statements that the check is to notice."""

from __future__ import annotations

FAULTS = {
    "activations_complete": [
        "delete from activations where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "delete from activations where run_id = 2 and stimulus_id = 2",
        "delete from activations where run_id = 2 and unit_id = 1",  # a whole layer
    ],
    "activations_finite": [
        "update activations set activation_mean = 'nan' where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "update activations set activation_max = 'inf' where run_id = 2 and stimulus_id = 2 and unit_id = 3",
        "update activations set activation_mean = 15.1 where run_id = 2 and stimulus_id = 2 and unit_id = 3",
    ],
    "activations_known": [
        "insert into activations values (9, 2, 1, 0, 0)",
        "insert into activations values (2, 6, 1, 0, 0)",
        "insert into activations values (2, 2, 99, 0, 0)",
        "insert into layers select 9, 2, * exclude (layer_id, model_id) from layers where layer_id = 1;"
        "insert into units values (9, 9, 0, '4/1/5/0', 1, 0); insert into activations values (2, 2, 9, 0, 0)",
    ],
    "activations_unique": ["insert into activations from activations where run_id = 2 and unit_id = 3 limit 1"],
    "baselines_complete": [
        "delete from baseline_activations where run_id = 2 and unit_id = 3",
        "insert into baseline_activations values (2, 99, 0)",
        "update baseline_activations set baseline_activation_mean = 6.1 where run_id = 2 and unit_id = 3",
        "update baseline_activations set baseline_activation_mean = 4.1 where run_id = 1 and unit_id = 2",
    ],
    "feature_visualizations_sound": [
        f"insert into feature_visualizations by name select 2 as run_id, 1 as unit_id, 'optimised' as source, "
        f"'channel' as objective, {columns} from range({count})"
        for count, columns in (
            (2, "'x'::blob as image, 'sha' as content_sha256"),
            (1, "'x'::blob as image, 'sha' as content_sha256, 'gone' as error_message"),
            (1, "null::blob as image"),
            (1, "'x'::blob as image"),
            (1, "'x'::blob as image, 'sha' as content_sha256, 2 as activation_mean, 1 as activation_max"),
            (1, "'x'::blob as image, 'sha' as content_sha256, 'nan'::float as activation_mean"),
        )
    ]
    + [
        "insert into feature_visualizations (run_id, unit_id, source, objective, error_message) "
        f"values (2, {unit_id}, '{source}', 'channel', 'gone')"
        for unit_id, source in ((99, "optimised"), (1, "found"))
    ],
    "runs_counted": [
        "update runs set row_count = 13 where run_id = 2",
        "update shards set row_count = 7 where run_id = 2 and shard_index = 0",
        "delete from activations where run_id = 4",
        "update runs set status = 'complete' where run_id = 3",
        "update runs set status = 'running' where run_id = 2",
        "delete from shards where run_id = 2 and shard_index = 1; update runs set row_count = 6 where run_id = 2",
    ],
    "stimuli_accounted": [
        "insert into run_stimuli values (2, 2)",
        "insert into run_stimuli values (2, 99)",
        "insert into activations values (2, 5, 1, 0, 0)",
    ],
    "units_complete": [
        "delete from units where unit_id = 3",
        "update units set channel_index = 0 where unit_id = 3",
        "update units set unit_id = 9 where unit_id = 3",
        "delete from units where layer_id = 1",
    ],
}

FAULTS_OF_PUBLISHED = {
    "published_sound": [
        "update published_shares set shortcut_share = 1.5 where run_id is null and unit_name = '4/2/6/34'",
        "insert into published_shares from published_shares where run_id is null and unit_name = '4/2/6/34'",
        "delete from published_unit_words where word_rank = 1",
        "insert into published_unit_words from published_unit_words where word_rank = 2",
    ]
}
FAULTS_OF_WEIGHTS = {
    "contribution_statistics_bounded": [
        f"update contribution_statistics set {fault} where run_id = 5 and direction = 'backward' and unit_id = 4"
        for fault in (
            "near_zero_share = 1.1",
            "near_zero_share = -0.1",
            "sign_balance = 1.1",
            "sign_balance = -1.1",
            "dip_p_value = 1.1",
            "dip_p_value = -0.1",
            "zero_density_ratio = -0.1",
            "sign_balance = 'nan'",
            "negative_mean = 0.1",
            "positive_mean = -0.1",
        )
    ],
    "expanded_weights_complete": [
        "delete from expanded_weights where run_id = 2 and lower_unit_id = 1 and upper_unit_id = 5",
        "delete from expanded_weights where run_id = 2 and upper_unit_id = 8",
        "insert into expanded_weights from expanded_weights where run_id = 2 and lower_unit_id = 2 limit 1",
        "update expanded_weights set upper_unit_id = 4 where run_id = 2 and lower_unit_id = 1 and upper_unit_id = 5",
        "update expanded_weights set upper_unit_id = 5 where run_id = 2 and upper_unit_id in (4, 6)",
        "update runs set status = 'complete' where run_id = 3",
    ],
    "expanded_weights_norms": [
        *(
            f"update expanded_weights set {fault} where run_id = 2 and lower_unit_id = 1 and upper_unit_id = 6"
            for fault in (
                "weight_sum = -27.1",
                "weight_l1 = 27.1",
                "weight_l2 = 27.1",
                "weight_l2 = 8.9",
                "weight_sum = 'nan'",
                "weight_sum = 'nan', weight_l1 = 'nan', weight_l2 = 'nan'",
                "weight_sum = 'inf', weight_l1 = 'inf', weight_l2 = 'inf'",
                "lower_unit_id = 99",
                "upper_unit_id = 99",
                "lower_unit_id = 3",  # 3/5/3, of which this run has no pairs
                "run_id = 9",
            )
        ),
        "delete from layer_pairs where run_id = 2 and upper_layer_id = 3",
    ],
    "runs_counted": [
        *(
            f"delete from {table} where run_id = {run_id}"
            for table, run_id in [
                ("layer_pairs", 1),
                ("expanded_weights", 1),
                ("expanded_weight_kernels", 2),
                ("contribution_statistics", 4),
                ("layer_pair_statistics", 4),
                ("shards", 4),
            ]
        ),
        "insert into expanded_weight_kernels values (1, 1, 8, 1, 1, [1])",
        "insert into layer_pair_statistics values (4, 1, 4, 0)",
    ],
}
FAULTS_OF_SKETCHES = {
    "activations_complete": [
        "delete from activations where run_id = 1 and stimulus_id = 2 and unit_id = 2",
        "delete from activations where run_id = 1 and stimulus_id = 1",
        """update runs set settings = replace(settings, '"kept_count": 2', '"kept_count": 3') where run_id = 1""",
    ],
    "pictures_accounted": [
        "delete from run_stimuli where run_id = 1 and stimulus_id = 4",
        "insert into run_stimuli values (1, 5)",
        "delete from run_stimuli where run_id = 1",
    ],
    "runs_counted": [
        f"delete from {table} where run_id = 1"
        for table in ("activation_sketches", "activation_histograms", "top_examples")
    ],
    "sketches_bounded": [
        f"update activation_sketches set {fault} where unit_id = 1"
        for fault in (
            "activation_mean_max = 4.5",
            "activation_mean_min = 1.5",
            "activation_sum = 13",
            "activation_square_sum = 16",
            "positive_count = 4",
            "activation_sum = 'nan'",
        )
    ],
    "sketches_complete": [
        "update activation_sketches set stimulus_count = 4 where unit_id = 1",
        "update activation_histograms set stimulus_count = 2 where bucket_index = 193",
        "delete from activation_histograms where bucket_index = 0",
        "delete from activation_sketches where unit_id = 2",
        "insert into activation_sketches from activation_sketches where unit_id = 2",
    ],
    "top_examples_ranked": [
        "delete from top_examples where unit_id = 1 and example_rank = 2",
        "delete from top_examples where unit_id = 1 and example_rank = 3",
        "update top_examples set stimulus_id = 3 where unit_id = 1 and example_rank = 2",
        "update top_examples set activation_mean = 0.5 where unit_id = 1 and example_rank = 2",
        "update top_examples set stimulus_id = 3 - stimulus_id where unit_id = 2 and example_rank < 3",  # a tie
        "delete from top_examples where unit_id = 2",
    ],
}
_SHARE = "where run_id = 2 and unit_id = 13 and definition = 'added'"
FAULTS_OF_SHARES = {
    "published_shares_bounded": [
        "insert into published_shares from published_shares where unit_name = '4/1/6/0'",
        "update published_shares set unit_name = '4/2/6/0' where unit_name = '4/1/6/0'",
        "update published_shares set run_id = 2",
        "update published_shares set run_id = 99",
        *(
            f"update published_shares set {fault} where unit_name = '4/1/6/0'"
            for fault in (
                "shortcut_share = 1.1",
                "shortcut_share = -0.1",
                "shortcut_share = 'nan'",
                "cosine_distance = 2.1",
                "cosine_distance = -0.1",
            )
        ),
    ],
    "residual_shares_bounded": [
        *(
            f"update residual_shares set {fault} {_SHARE}"
            for fault in (
                "shortcut_share = 1.1",
                "shortcut_share = -0.1",
                "shortcut_share = 'nan'",
                "shortcut_share = null",
                "cosine_similarity = 1.01",
                "cosine_similarity = -1.01",
                "shortcut_norm = -1",
                "shortcut_norm = 'inf'",
                "shortcut_norm = null",
                "residual_norm = -1",
                "residual_norm = 'nan'",
                "residual_norm = null",
                "shortcut_share_deviation = 0.8",
                "shortcut_share_deviation = -0.1",
                "image_count = 0",
                "image_count = 1",  # with a deviation
                "image_count = -1",
            )
        ),
        "update residual_shares set shortcut_share = 0 where run_id = 2 and unit_id = 15 and definition = 'published'",
    ],
    "residual_shares_complete": [
        f"delete from residual_shares {_SHARE}",
        f"insert into residual_shares from residual_shares {_SHARE}",
        f"update residual_shares set unit_id = 14 {_SHARE}",
        f"update residual_shares set definition = 'raw' {_SHARE}",
        f"update residual_shares set image_source = 'features' {_SHARE}",
        "delete from residual_shares where run_id = 2 and unit_id > 12 and definition = 'added'",
        "update runs set status = 'complete' where run_id = 4",
    ],
    "residual_shares_known": [
        f"update residual_shares set run_id = 9 {_SHARE}",
        f"update residual_shares set run_id = 6 {_SHARE}",
        f"update residual_shares set unit_id = 99 {_SHARE}",
        f"update residual_shares set unit_id = 12 {_SHARE}",
        "update runs set model_id = 2 where run_id = 2",
    ],
    "runs_counted": ["delete from residual_shares where run_id = 3", "delete from published_shares where run_id = 5"],
}
FAULTS_OF_LOGITS = {
    "logits_complete": [
        "delete from picture_strengths where stimulus_id = 7 and unit_id = 1",
        "insert into picture_strengths from picture_strengths where stimulus_id = 7 and unit_id = 1",
        "delete from picture_attention where stimulus_id = 7 and head_index = 0",
        "delete from unit_projections where unit_id = 1 and concept_index = 0",
        "delete from logit_concept_heads where concept_index = 0 and head_index = 0",
        "delete from unit_heads where unit_id = 2 and head_index = 0",
        "delete from picture_embeddings where run_id = 2",
        "update runs set status = 'complete' where run_id = 3",
    ],
    "logits_sound": [
        "update picture_attention set attention = [0.5, 0.6] where stimulus_id = 7",
        "update picture_attention set attention = ['nan'::float, 1] where stimulus_id = 7",
        "update picture_embeddings set embedding_norm = 9.9 where stimulus_id = 7",
        "update picture_embeddings set residual_embedding = [1, 3] where stimulus_id = 8",
        "update logit_concepts set embedding = [2, 0] where run_id = 2 and concept_index = 0",
    ],
    "runs_counted": ["delete from unit_heads where unit_id = 2", "delete from head_projections where unit_id = 1"],
}
FAULTS_OF_GRAPHS = {
    "graphs_add_up": [
        "update graph_targets set target_value = 0.9",
        "update graph_cuts set constant_attribution = 0 where layer_id = 2",
        "delete from graph_nodes where unit_id = 8",
        "update graph_nodes set residual_attribution = 0 where unit_id = 3",
        "update graph_nodes set attribution = 'nan', residual_attribution = 'nan' where unit_id = 3",
    ],
    "runs_counted": ["delete from graph_edges", "delete from graph_targets"],
}
FAULTS_OF_EFFECTS = {
    "effects_bounded": [
        "update connection_sums set real_effect_sum = 2.1 where run_id = 21 and lower_unit_id = 1",
        "update connection_sums set gated_effect_sum = -2.1 where run_id = 21 and lower_unit_id = 1",
        "update connection_sums set linear_effect_sum = 'nan' where run_id = 21",
        "update connection_sums set picture_count = 0 where run_id = 21",
        "update picture_effects set effect_mean = 0.6 where lower_unit_id = 1",
        "update picture_effects set effect_absolute_mean = 'inf' where lower_unit_id = 1",
        "update truth_sums set gated_sign_count = 3 where run_id = 21",
        "update truth_sums set real_nonzero_count = 3 where run_id = 21",
        "update truth_sums set real_absolute_sum = 9 where run_id = 21",
        "update truth_sums set picture_count = 0 where run_id = 21",
    ]
}
FAULTS_OF_NAMES = {
    "names_complete": [
        "delete from name_units where run_id = 7 and unit_id = 2",
        "insert into name_units select * from name_units where run_id = 8",
        "delete from name_concepts where run_id = 7 and concept_index = -1",
        "update name_concepts set concept_index = 0 where run_id = 7 and concept_index = 1",
        "insert into name_pictures select * from name_pictures where run_id = 7 and stimulus_id = 21",
        "delete from name_ranks where run_id = 7 and unit_id = 3 and name_rank = 2",
        "delete from name_examples where run_id = 7 and unit_id = 3 and is_held_out",
    ],
    "names_sound": [
        "update name_ranks set name_score = 'inf' where run_id = 7 and unit_id = 2 and name_rank = 1",
        "update name_ranks set name_score = 3 where run_id = 7 and unit_id = 2 and name_rank = 2",
        "update name_ranks set held_out_correlation = 1.1 where run_id = 7 and unit_id = 2",
        "update name_units set random_concept_index = 0 where run_id = 7 and unit_id = 2",
        "update name_units set random_correlation = -1.1 where run_id = 7 and unit_id = 2",
        "update name_units set mean_embedding_length = 1.1 where run_id = 7 and unit_id = 2",
        "update name_pictures set embedding = [1, 1] where run_id = 7 and stimulus_id = 21",
        "update name_concepts set embedding = [1, 1] where run_id = 7 and concept_index = 0",
        "insert into name_examples values (7, 2, false, 2, 22, 6)",
    ],
}
FAULTS_OF_MATCHES = {
    "matches_complete": [
        "delete from match_nulls where run_id = 31 and unit_id = 3",
        "delete from match_nulls where run_id = 31 and is_reverse",
        "insert into match_nulls select * from match_nulls where run_id = 31 and unit_id = 3",
    ],
    "matches_sound": [
        "delete from match_partners where run_id = 31 and unit_id = 1 and partner_rank = 1",
        "update match_partners set choice_correlation = 0.9 where run_id = 31 and unit_id = 1 and partner_rank = 2",
        "update match_partners set correlation = -1.5 where run_id = 31 and unit_id = 1",
        "update match_partners set correlation = 'nan' where run_id = 31 and unit_id = 1",
        "update match_partners set correlation = null where run_id = 31 and unit_id = 1",
        "update match_partners set held_out_back_rank = 0 where run_id = 31 and unit_id = 1",
        "update match_partners set other_unit_id = 2 where run_id = 31 and unit_id = 1 and partner_rank = 1",
        "update match_partners set unit_id = 99 where run_id = 31 and unit_id = 1 and not is_reverse",
        "update match_nulls set null_correlation = 1.5 where run_id = 31 and unit_id = 1",
    ],
}
# The fixture with the rows, and the faults to plant in them by check.
PLANTED = (
    ("small_warehouse", FAULTS),
    ("small_warehouse", FAULTS_OF_PUBLISHED),
    ("small_weights", FAULTS_OF_WEIGHTS),
    ("small_sketches", FAULTS_OF_SKETCHES),
    ("small_shares", FAULTS_OF_SHARES),
    ("small_logits", FAULTS_OF_LOGITS),
    ("small_graph", FAULTS_OF_GRAPHS),
    ("small_effects", FAULTS_OF_EFFECTS),
    ("small_names", FAULTS_OF_NAMES),
    ("small_matches", FAULTS_OF_MATCHES),
)
