-- How likely is a label, given a unit's activation? One row per run, unit, label and bucket of standard deviations.
-- Source: definitions.md section 2 (P(label | bucket)), over the pictures that a person has labelled for the unit. Also label
-- pictures that show nothing of the kind (say 'other'), else every probability is too high. Kept and top pictures count.
create or replace view label_probabilities as
with labelled as not materialized (
    select
        models.model_name,
        labels.unit_id,
        units.unit_name,
        layers.layer_name,
        labels.stimulus_id,
        list(distinct labels.label_name order by labels.label_name) as label_names,
    from labels
    inner join units on labels.unit_id = units.unit_id
    inner join layers on units.layer_id = layers.layer_id
    inner join models on layers.model_id = models.model_id
    group by models.model_name, labels.unit_id, units.unit_name, layers.layer_name, labels.stimulus_id
),

answers as (
    select
        labelled.*,
        activations.run_id,
        activations.activation_mean,
    from labelled
    inner join activations on labelled.unit_id = activations.unit_id and labelled.stimulus_id = activations.stimulus_id
    union
    select
        labelled.*,
        top_examples.run_id,
        top_examples.activation_mean,
    from labelled
    inner join top_examples
        on labelled.unit_id = top_examples.unit_id
        and labelled.stimulus_id = top_examples.stimulus_id
),

judged as (
    select
        answers.*,
        floor(
            (answers.activation_mean - activation_moments.activation_average)
            / nullif(activation_moments.activation_deviation, 0)
        )::integer as deviation_bucket,
    from answers
    inner join activation_moments
        on answers.run_id = activation_moments.run_id
        and answers.unit_id = activation_moments.unit_id
),

buckets as (
    select
        judged.run_id,
        judged.model_name,
        judged.unit_id,
        judged.unit_name,
        judged.layer_name,
        judged.deviation_bucket,
        count(*) as picture_count,
        flatten(list(judged.label_names)) as given_labels,
    from judged
    where judged.deviation_bucket is not null
    group by
        judged.run_id,
        judged.model_name,
        judged.unit_id,
        judged.unit_name,
        judged.layer_name,
        judged.deviation_bucket
),

label_names as (
    select distinct
        labels.unit_id,
        labels.label_name,
    from labels
)

select
    buckets.run_id,
    buckets.model_name,
    buckets.unit_id,
    buckets.unit_name,
    buckets.layer_name,
    label_names.label_name,
    buckets.deviation_bucket,
    buckets.picture_count,
    len(list_filter(buckets.given_labels, lambda given: given = label_names.label_name)) as labelled_picture_count,
    len(list_filter(buckets.given_labels, lambda given: given = label_names.label_name))
    / buckets.picture_count as label_probability,
from buckets
inner join label_names on buckets.unit_id = label_names.unit_id;
comment on view label_probabilities is 'P(label | how many standard deviations a picture lies from the unit''s average).';
comment on column label_probabilities.run_id is 'Pictures run.';
comment on column label_probabilities.model_name is 'Model.';
comment on column label_probabilities.unit_id is 'Unit.';
comment on column label_probabilities.unit_name is 'Address of the unit.';
comment on column label_probabilities.layer_name is 'Address of its layer.';
comment on column label_probabilities.label_name is 'Label.';
comment on column label_probabilities.deviation_bucket is 'Whole standard deviations from the unit''s average over all pictures, rounded down.';
comment on column label_probabilities.picture_count is 'Pictures of the bucket that a person has labelled for this unit, with any label.';
comment on column label_probabilities.labelled_picture_count is 'Those of them that have the label.';
comment on column label_probabilities.label_probability is 'Their share: P(label | bucket).';
