-- Where does each head look on a picture? One row per run, picture and head.
-- Source: definitions.md section 11: the softmax of the mean token's query against the keys of all tokens.
create table if not exists picture_attention (
    run_id integer not null,
    stimulus_id integer not null,
    head_index integer not null,
    attention float[] not null,
);
comment on table picture_attention is 'Attention of each head of the pool.';
comment on column picture_attention.run_id is 'Logits run.';
comment on column picture_attention.stimulus_id is 'Picture.';
comment on column picture_attention.head_index is 'Head of the attention pool, from 0.';
comment on column picture_attention.attention is 'Weight of each token: the mean over the map, then its positions row by row; they add up to 1.';
