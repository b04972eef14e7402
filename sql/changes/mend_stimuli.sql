-- Which known stimuli could not be shown before and were shown now? stimulus_ids holds a shard's stimuli with their ids.
-- Source: warehouse/shard_tables.py. An earlier version could not read them, or the machine killed their decoder.
update stimuli
set
    error_message = null,
    width_px = stimulus_ids.width_px,
    height_px = stimulus_ids.height_px
from stimulus_ids
where
    stimuli.stimulus_id = stimulus_ids.stimulus_id
    and stimuli.error_message is not null
    and stimulus_ids.error_message is null;
