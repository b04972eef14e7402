-- What did people see in a unit's pictures? One row per label.
-- Section Label pictures.
select label_name, stimulus_id from labels where unit_id = $unit order by label_name, stimulus_id;
