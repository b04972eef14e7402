-- Which pictures are blurred from now on, or no longer? $entries are addresses, content hashes or file names.
-- Source: warehouse/explicit.py. The file names of an address are those of ingest/pictures/job.py.
update stimuli
set is_explicit = $is_explicit
where
    stimuli.stimulus_kind <> 'word'
    and stimuli.is_explicit <> $is_explicit
    and (
        list_contains($entries, stimuli.content_sha256)
        or list_contains($entries, stimuli.source_uri)
        or list_contains($entries, string_split(stimuli.source_uri, '!')[-1])
        or list_contains($entries, string_split(string_split(stimuli.source_uri, '!')[-1], '/')[-1])
    );
