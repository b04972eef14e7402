-- Which texts must a model be shown before the article's lists of units can be compared with it? One text per line, for --file.
select distinct findings.stimulus_text,
from findings
where findings.stimulus_text is not null
order by findings.stimulus_text;
