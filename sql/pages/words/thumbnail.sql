-- What does a picture look like? One row.
-- Section A word and a picture.
select thumbnail from thumbnails where stimulus_id = $picture;
