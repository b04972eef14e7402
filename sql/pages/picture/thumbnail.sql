-- What does the picture look like? One row.
-- The picture itself, and the maps of where units respond on it.
select thumbnail
from thumbnails
where stimulus_id = $stimulus_id;
