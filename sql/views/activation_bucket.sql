-- Which activations does a bucket of activation_histograms hold? A struct: activation_bucket(200).bucket_start.
-- Source: ingest/pictures/sketches.py. Eight buckets an octave from 2^-24 upwards, mirrored below zero; bucket 0 holds what is nearer to zero.
create or replace macro activation_bucket(bucket) as {
    'bucket_start': case
        when bucket > 0 then 2.0 ** ((bucket - 1) // 8 - 24) * (1 + (bucket - 1) % 8 / 8)
        else -(2.0 ** (-bucket // 8 - 24) * (1 + -bucket % 8 / 8))
    end,
    'bucket_end': case
        when bucket >= 0 then 2.0 ** (bucket // 8 - 24) * (1 + bucket % 8 / 8)
        else -(2.0 ** ((-bucket - 1) // 8 - 24) * (1 + (-bucket - 1) % 8 / 8))
    end
};
comment on macro activation_bucket is 'Bounds of a bucket of activation_histograms: bucket_start and bucket_end.';
