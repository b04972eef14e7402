-- Which pictures drive each unit of some layers most, and where are their files? One row per unit and rank up to $top.
-- Source: top_examples of a pictures run; ingest/shares/images.py shows them to the model again.
select
    unit_details.layer_name,
    unit_details.channel_index,
    top_examples.stimulus_id as image_id,
    stimuli.source_uri,
    stimuli.content_sha256,
from top_examples
inner join unit_details on top_examples.unit_id = unit_details.unit_id
inner join stimuli on top_examples.stimulus_id = stimuli.stimulus_id
where
    top_examples.run_id = $run_id
    and top_examples.example_rank <= $top
    and list_contains($layer_names, unit_details.layer_name);
