-- What does the picture look like? One row.
-- The picture, and where units look on it.
select thumbnail
from thumbnails
where stimulus_id = $stimulus_id;
