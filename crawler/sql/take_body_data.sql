-- The bytes of bodies that were seen before where bytes are not kept (a landing page) and now where they are: the one
-- cell of the archive that is filled in later, and with nothing else than its own hash says.
-- Grain: a row a body. Inputs: incoming (rows of `body`, with data). Columns: data.
UPDATE body SET data = incoming.data FROM incoming WHERE body.sha256 = incoming.sha256 AND body.data IS NULL
