-- Which parts make up a picture's embedding? One row per run and picture.
-- Source: definitions.md section 11. The four parts add up to the image embedding of stock open_clip, before normalisation.
create table if not exists picture_embeddings (
    run_id integer not null,
    stimulus_id integer not null,
    embedding_norm float not null,
    shortcut_embedding float[] not null,
    residual_embedding float[] not null,
    position_embedding float[] not null,
    constant_embedding float[] not null,
);
comment on table picture_embeddings is 'Image embeddings, split by the branches of the last bottleneck.';
comment on column picture_embeddings.run_id is 'Logits run.';
comment on column picture_embeddings.stimulus_id is 'Picture.';
comment on column picture_embeddings.embedding_norm is 'Length of the image embedding.';
comment on column picture_embeddings.shortcut_embedding is 'The part along the last bottleneck''s shortcut.';
comment on column picture_embeddings.residual_embedding is 'The part from the last bottleneck''s convolutions.';
comment on column picture_embeddings.position_embedding is 'What the positional embedding adds; it depends on the picture only through the attention.';
comment on column picture_embeddings.constant_embedding is 'Biases of values and output: the same for every picture.';
