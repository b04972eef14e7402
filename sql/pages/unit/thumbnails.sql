-- What do some pictures look like? One row per picture.
-- Every list of pictures. Thumbnails are stored by ingest pictures.
select stimulus_id, thumbnail from thumbnails where stimulus_id in $stimulus_ids;
