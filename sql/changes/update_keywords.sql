-- Which keywords of pictures are new? $file is an inventory (uri, caption, keywords, content_sha256).
-- Source: warehouse/captions.py. Keywords are only added, never removed: several sources may describe one picture.
insert into stimulus_keywords by name
select distinct
    stimuli.stimulus_id,
    given.keyword,
from (
    select
        inventory.content_sha256,
        unnest(inventory.keywords) as keyword,
    from read_parquet($file) as inventory
) as given
inner join stimuli on stimuli.content_sha256 = given.content_sha256 and stimuli.stimulus_kind = 'picture'
left join stimulus_keywords
    on stimuli.stimulus_id = stimulus_keywords.stimulus_id
    and given.keyword = stimulus_keywords.keyword
where stimulus_keywords.keyword is null;
