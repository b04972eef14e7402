-- Which pictures have another caption now? $file is an inventory (uri, caption, keywords, content_sha256).
-- Source: warehouse/captions.py. A source without a caption for a picture leaves the caption of another source.
update stimuli
set stimulus_text = given.caption
from read_parquet($file) as given
where
    stimuli.stimulus_kind = 'picture'
    and stimuli.content_sha256 = given.content_sha256
    and given.caption is not null
    and stimuli.stimulus_text is distinct from given.caption;
