-- Which words are explicit? One row per stimulus.
-- Every page hides them until the reader reveals them.
select stimulus_text from stimuli where is_explicit and stimulus_text is not null;
