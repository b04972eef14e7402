-- Which shortcut share does the article's repository give for a unit? One row per run and unit.
-- Source: definitions.md section 6; the published job, from relu_conv_bottleneck_*.txt. Units are named, not keyed: the
-- file speaks of RN50 whether or not the warehouse holds that model.
create table if not exists published_shares (
    run_id integer not null,
    unit_name text not null,
    shortcut_share float,
    cosine_distance float,
    source_uri text not null,
);
comment on table published_shares is 'Shortcut shares as the original repository ships them.';
comment on column published_shares.run_id is 'Run that read the file.';
comment on column published_shares.unit_name is 'Address of the unit.';
comment on column published_shares.shortcut_share is 'Share as printed, float16 arithmetic; null for a dead channel.';
comment on column published_shares.cosine_distance is '1 - cosine of the two maps, as printed; null for a dead channel.';
comment on column published_shares.source_uri is 'File or address it was read from.';
