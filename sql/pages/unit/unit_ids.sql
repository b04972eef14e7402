-- What are the keys of some units? One row per unit.
-- Needed to look up the pictures that stand for units.
select unit_name, unit_id from unit_details where model_id = $model_id and unit_name in $units;
