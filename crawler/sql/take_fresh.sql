-- The contents read for this portion that no other portion has logged as read by the same readers meanwhile.
-- Grain: a row a content. Inputs: incoming (rows of `read_log`), read_log. Columns: those of `read_log`.
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT * FROM incoming ANTI JOIN read_log USING (role, part, content_sha256, readers)
