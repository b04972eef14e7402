-- How does a picture look? One row.
-- Section Picture.
select thumbnail from thumbnails where stimulus_id = $picture;
