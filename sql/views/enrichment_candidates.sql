-- In which units do shortcut and convolutions contribute different concepts, both substantially? One row per run, unit and definition.
-- Source: docs/enrichment.md explains the measure, which is not the article's, and its weaknesses. Evidence comes from the model's
-- newest pictures run and words run; a unit without evidence of both branches is not a candidate.
create or replace view enrichment_candidates as
with branches as (
    select
        unit_branches.model_id,
        unit_branches.unit_id,
        unnest(['output', 'shortcut', 'residual']) as branch,
        unnest([unit_branches.unit_id, unit_branches.shortcut_unit_id, unit_branches.residual_unit_id]) as branch_unit_id,
    from unit_branches
    where unit_branches.unit_id in (select unit_shortcut_share.unit_id from unit_shortcut_share)
),

picture_runs as (
    select
        model_runs.model_id,
        max(model_runs.run_id) as run_id,
    from model_runs
    where model_runs.job_name = 'pictures'
    group by model_runs.model_id
),

word_runs as (
    select
        model_runs.model_id,
        model_runs.run_id,
        runs.baseline_stimulus_id,
    from model_runs
    inner join runs on model_runs.run_id = runs.run_id
    where model_runs.job_name = 'words'
),

branch_units as (
    select distinct
        branches.model_id,
        branches.branch_unit_id as unit_id,
    from branches
    where branches.branch_unit_id is not null
),

pictures as (
    select
        branch_units.unit_id,
        list(top_examples.stimulus_id) as found,
    from branch_units
    inner join picture_runs on branch_units.model_id = picture_runs.model_id
    inner join top_examples
        on picture_runs.run_id = top_examples.run_id
        and branch_units.unit_id = top_examples.unit_id
    where top_examples.example_rank <= 20 and top_examples.activation_mean > 0
    group by branch_units.unit_id
),

words as (
    select
        branch_units.unit_id,
        max_by(stimuli.stimulus_text, row(activations.activation_mean, -activations.stimulus_id), 20) as found,
    from branch_units
    inner join word_runs on branch_units.model_id = word_runs.model_id
    inner join activations
        on word_runs.run_id = activations.run_id
        and branch_units.unit_id = activations.unit_id
    inner join baseline_activations
        on word_runs.run_id = baseline_activations.run_id
        and branch_units.unit_id = baseline_activations.unit_id
    inner join stimuli on activations.stimulus_id = stimuli.stimulus_id
    where
        activations.activation_mean > baseline_activations.baseline_activation_mean
        and activations.stimulus_id is distinct from word_runs.baseline_stimulus_id
    group by branch_units.unit_id
),

evidence as (
    select
        branches.unit_id,
        any_value(pictures.found) filter (where branches.branch = 'output') as output_pictures,
        any_value(pictures.found) filter (where branches.branch = 'shortcut') as shortcut_pictures,
        any_value(pictures.found) filter (where branches.branch = 'residual') as residual_pictures,
        any_value(words.found) filter (where branches.branch = 'output') as output_words,
        any_value(words.found) filter (where branches.branch = 'shortcut') as shortcut_words,
        any_value(words.found) filter (where branches.branch = 'residual') as residual_words,
    from branches
    left join pictures on branches.branch_unit_id = pictures.unit_id
    left join words on branches.branch_unit_id = words.unit_id
    group by branches.unit_id
),

overlapping as (
    select
        evidence.unit_id,
        len(list_intersect(evidence.shortcut_pictures, evidence.residual_pictures)) as shared_picture_count,
        len(evidence.shortcut_pictures) + len(evidence.residual_pictures) - shared_picture_count as picture_count,
        len(list_intersect(evidence.shortcut_words, evidence.residual_words)) as shared_word_count,
        len(evidence.shortcut_words) + len(evidence.residual_words) - shared_word_count as word_count,
        len(list_intersect(evidence.output_pictures, evidence.shortcut_pictures)) as kept_shortcut_picture_count,
        len(list_intersect(evidence.output_pictures, evidence.residual_pictures)) as kept_residual_picture_count,
        len(list_intersect(evidence.output_words, evidence.shortcut_words)) as kept_shortcut_word_count,
        len(list_intersect(evidence.output_words, evidence.residual_words)) as kept_residual_word_count,
        evidence.output_words[:5] as output_words,
        evidence.shortcut_words[:5] as shortcut_words,
        evidence.residual_words[:5] as residual_words,
    from evidence
),

weighed as (
    select
        unit_shortcut_share.run_id,
        unit_shortcut_share.model_name,
        unit_shortcut_share.pretrained_tag,
        unit_shortcut_share.unit_id,
        unit_shortcut_share.unit_name,
        unit_shortcut_share.bottleneck_name,
        unit_shortcut_share.definition,
        unit_shortcut_share.image_source,
        unit_shortcut_share.image_count,
        unit_shortcut_share.shortcut_share,
        unit_shortcut_share.cosine_similarity,
        unit_shortcut_share.shortcut_unit,
        unit_shortcut_share.residual_unit,
        4 * unit_shortcut_share.shortcut_share * (1 - unit_shortcut_share.shortcut_share) as branch_balance,
        1 - overlapping.shared_picture_count / overlapping.picture_count as picture_difference,
        1 - overlapping.shared_word_count / overlapping.word_count as word_difference,
        overlapping.shared_picture_count,
        overlapping.shared_word_count,
        overlapping.kept_shortcut_picture_count,
        overlapping.kept_residual_picture_count,
        overlapping.kept_shortcut_word_count,
        overlapping.kept_residual_word_count,
        overlapping.output_words,
        overlapping.shortcut_words,
        overlapping.residual_words,
    from unit_shortcut_share
    inner join overlapping on unit_shortcut_share.unit_id = overlapping.unit_id
),

scored as (
    select
        weighed.run_id,
        weighed.unit_id,
        weighed.definition,
        weighed.branch_balance * list_avg([weighed.picture_difference, weighed.word_difference]) as enrichment_score,
    from weighed
)

select
    weighed.run_id,
    weighed.model_name,
    weighed.pretrained_tag,
    weighed.unit_id,
    weighed.unit_name,
    weighed.bottleneck_name,
    weighed.definition,
    weighed.image_source,
    row_number() over (
        partition by weighed.run_id, weighed.bottleneck_name, weighed.definition
        order by scored.enrichment_score desc, weighed.unit_id
    ) as enrichment_rank,
    scored.enrichment_score,
    weighed.branch_balance,
    weighed.picture_difference,
    weighed.word_difference,
    weighed.shortcut_share,
    weighed.cosine_similarity,
    weighed.image_count,
    weighed.shortcut_unit,
    weighed.residual_unit,
    weighed.shared_picture_count,
    weighed.shared_word_count,
    weighed.kept_shortcut_picture_count,
    weighed.kept_residual_picture_count,
    weighed.kept_shortcut_word_count,
    weighed.kept_residual_word_count,
    weighed.output_words,
    weighed.shortcut_words,
    weighed.residual_words,
from weighed
inner join scored
    on weighed.run_id = scored.run_id
    and weighed.unit_id = scored.unit_id
    and weighed.definition = scored.definition
where scored.enrichment_score is not null;
comment on view enrichment_candidates is 'Units ranked by how different the concepts of their two branches are, weighted by how evenly the branches contribute.';
comment on column enrichment_candidates.run_id is 'Shares run.';
comment on column enrichment_candidates.model_name is 'Model.';
comment on column enrichment_candidates.pretrained_tag is 'Where its weights came from.';
comment on column enrichment_candidates.unit_id is 'Unit of the block''s output.';
comment on column enrichment_candidates.unit_name is 'Its address.';
comment on column enrichment_candidates.bottleneck_name is 'Address of its bottleneck, block/bottleneck.';
comment on column enrichment_candidates.definition is 'Definition of the share: added is what the network actually adds.';
comment on column enrichment_candidates.image_source is 'Images of the share: features or examples.';
comment on column enrichment_candidates.enrichment_rank is 'Rank inside its bottleneck, run and definition by enrichment_score, 1 the largest.';
comment on column enrichment_candidates.enrichment_score is 'branch_balance times the mean of picture_difference and word_difference (or the one that is known), 0 to 1.';
comment on column enrichment_candidates.branch_balance is '4 * share * (1 - share): 1 when both branches contribute as much, 0 when one contributes all.';
comment on column enrichment_candidates.picture_difference is '1 - Jaccard index of the branches'' top 20 pictures; null without pictures of both.';
comment on column enrichment_candidates.word_difference is '1 - Jaccard index of the branches'' top 20 words above the baseline; null without words of both.';
comment on column enrichment_candidates.shortcut_share is 'Shortcut share.';
comment on column enrichment_candidates.cosine_similarity is 'Cosine of the two maps.';
comment on column enrichment_candidates.image_count is 'Images that the share rests on.';
comment on column enrichment_candidates.shortcut_unit is 'Address of the shortcut unit.';
comment on column enrichment_candidates.residual_unit is 'Address of the residual unit.';
comment on column enrichment_candidates.shared_picture_count is 'Pictures among the top 20 of both branches.';
comment on column enrichment_candidates.shared_word_count is 'Words among the top 20 of both branches.';
comment on column enrichment_candidates.kept_shortcut_picture_count is 'Pictures among the top 20 of the unit and of its shortcut unit.';
comment on column enrichment_candidates.kept_residual_picture_count is 'Pictures among the top 20 of the unit and of its residual unit.';
comment on column enrichment_candidates.kept_shortcut_word_count is 'Words among the top 20 of the unit and of its shortcut unit.';
comment on column enrichment_candidates.kept_residual_word_count is 'Words among the top 20 of the unit and of its residual unit.';
comment on column enrichment_candidates.output_words is 'The unit''s five strongest words.';
comment on column enrichment_candidates.shortcut_words is 'The shortcut unit''s five strongest words.';
comment on column enrichment_candidates.residual_words is 'The residual unit''s five strongest words.';
