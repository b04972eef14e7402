-- Which texts must a model have been shown for the article's lists of units to be held against it? One a line for --file.
select distinct findings.stimulus_text,
from findings
where findings.stimulus_text is not null
order by findings.stimulus_text;
