-- Are each unit's top examples ranked by activation without a gap, each picture once, and are there 100 of them, or as many as there are pictures?
with compared as (
    select
        top_examples.run_id,
        top_examples.unit_id,
        top_examples.example_rank,
        row_number() over unit_examples as expected_rank,
        count(*) over whole_unit as example_count,
        count(distinct top_examples.stimulus_id) over whole_unit as picture_count,
    from top_examples
    inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
    window
        unit_examples as (
            partition by top_examples.run_id, top_examples.unit_id
            order by top_examples.activation_mean desc, stimuli.content_sha256
        ),
        whole_unit as (partition by top_examples.run_id, top_examples.unit_id)
)

select
    activation_sketches.run_id,
    activation_sketches.unit_id,
    compared.example_rank,
    compared.expected_rank,
    compared.example_count,
    compared.picture_count,
from activation_sketches
left join compared
    on activation_sketches.run_id = compared.run_id
    and activation_sketches.unit_id = compared.unit_id
where
    compared.example_rank is distinct from compared.expected_rank
    or compared.example_count is distinct from compared.picture_count
    or compared.example_count is distinct from least(100, activation_sketches.stimulus_count);
