-- What is our value for each published claim? One row per finding and model that has been measured.
-- Source: findings.measure decides which view gives the value; definitions.md sections 3 to 6, 13 to 15. Of several runs of a model, the
-- newest with the needed rows counts; of contributions runs, the one with the most rows. model_id is null for a published file,
-- which is the program's own until another was read.
create or replace view finding_values as
with answers as materialized (
    select
        finding_shares.finding_name,
        finding_shares.model_id,
        null::text as gates,
        finding_shares.our_value,
    from finding_shares
    union all
    select
        finding_rank_values.finding_name,
        finding_rank_values.model_id,
        finding_rank_values.gates,
        finding_rank_values.our_value,
    from finding_rank_values
    union all
    select
        findings.finding_name,
        widest_contribution_runs.model_id,
        widest_contribution_runs.gates,
        contribution_structure.our_value,
    from findings
    inner join contribution_structure on findings.measure = contribution_structure.measure
    inner join widest_contribution_runs on contribution_structure.run_id = widest_contribution_runs.run_id
    union all
    select
        findings.finding_name,
        published_word_agreement.model_id,
        null as gates,
        case findings.measure
            when 'twenty words of units'
                then avg(published_word_agreement.strong_word_share)
                    filter (where published_word_agreement.listed_word_count > 3)
            else avg(published_word_agreement.strong_first_three_share)
        end as our_value,
    from findings
    inner join published_word_agreement on findings.model_name = published_word_agreement.published_name
    where findings.measure in ('twenty words of units', 'three words of units')
    group by findings.finding_name, findings.measure, published_word_agreement.model_id
    union all
    select
        findings.finding_name,
        published_feature_agreement.model_id,
        null as gates,
        avg(published_feature_agreement.is_same_feature::integer) as our_value,
    from findings
    inner join published_feature_agreement on findings.model_name = published_feature_agreement.published_name
    where findings.measure = 'features among matches'
    group by findings.finding_name, published_feature_agreement.model_id
    union all
    select
        findings.finding_name,
        published_name_agreement.model_id,
        null as gates,
        avg(published_name_agreement.has_common_word::integer) as our_value,
    from findings
    inner join published_name_agreement on findings.model_name = published_name_agreement.published_name
    where findings.measure = 'names given by hand'
    group by findings.finding_name, published_name_agreement.model_id
),

gated as (
    select
        answers.finding_name,
        answers.model_id,
        answers.our_value,
    from answers
    where answers.gates = 'pictures'
)

select
    answers.finding_name,
    answers.model_id,
    case when isfinite(answers.our_value) then answers.our_value end as our_value,
    case when isfinite(gated.our_value) then gated.our_value end as gated_value,
from answers
left join gated on answers.finding_name = gated.finding_name and answers.model_id = gated.model_id
where answers.gates is distinct from 'pictures';
comment on view finding_values is 'Our value for each finding and model.';
comment on column finding_values.finding_name is 'Finding.';
comment on column finding_values.model_id is 'Model; null for a published file, which is about RN50.';
comment on column finding_values.our_value is 'Our value, in the unit of findings.published_value; null where a correlation has nothing to vary, or the unit is dead.';
comment on column finding_values.gated_value is 'The same of gated expanded weights (--gates pictures); null where the claim does not rest on weights, or they were not measured.';
