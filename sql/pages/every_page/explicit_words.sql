-- Which words are explicit? One row per stimulus.
-- They are hidden until a person reveals them.
select stimulus_text from stimuli where is_explicit and stimulus_text is not null;
