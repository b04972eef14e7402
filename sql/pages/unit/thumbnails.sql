-- What do some pictures look like? One row per picture.
-- Small copies, as an ingest wrote them.
select stimulus_id, thumbnail from thumbnails where stimulus_id in $stimulus_ids;
