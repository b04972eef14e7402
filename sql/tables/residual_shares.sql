-- How much of a unit of a block's output comes from the shortcut, how much from the convolutions? One row per run, unit, definition and image source.
-- Source: definitions.md section 5; the shares job. Each number is an average over the images.
create table if not exists residual_shares (
    run_id integer not null,
    unit_id integer not null,
    definition text not null,
    image_source text not null,
    image_count integer not null,
    shortcut_norm float,
    residual_norm float,
    shortcut_share float,
    shortcut_share_deviation float,
    cosine_similarity float,
);
comment on table residual_shares is 'Shortcut share of each unit of a block''s output.';
comment on column residual_shares.run_id is 'Run that measured it.';
comment on column residual_shares.unit_id is 'Unit of the block''s output (index 6 or 8).';
comment on column residual_shares.definition is 'published: raw convolution outputs, as in the article; added: batch-norm outputs, what the network actually adds.';
comment on column residual_shares.image_source is 'features: the unit''s feature visualisation; examples: its top pictures.';
comment on column residual_shares.image_count is 'Images averaged over; 0 when the unit has none.';
comment on column residual_shares.shortcut_norm is 'L2 norm of the shortcut''s map.';
comment on column residual_shares.residual_norm is 'L2 norm of the residual branch''s map.';
comment on column residual_shares.shortcut_share is 'shortcut_norm / (shortcut_norm + residual_norm), image by image, then averaged; null for a dead unit (both maps zero, or no image).';
comment on column residual_shares.shortcut_share_deviation is 'Standard deviation of the share over the images; null for fewer than two.';
comment on column residual_shares.cosine_similarity is 'Cosine of the two maps, averaged; null where a map is zero.';
