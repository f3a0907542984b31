-- The archive: facts, appended and never rewritten. Grain and keys stand above each table.
-- Timestamps are UTC. Every hash is lower-case hexadecimal sha256 unless a comment says otherwise.

-- One row: the version of this layout. A database with another version is refused, never half-read.
CREATE TABLE schema_version (version INTEGER NOT NULL, written_by VARCHAR NOT NULL, written_at TIMESTAMP NOT NULL);

-- A row a list of sites a study is about.
CREATE TABLE frame (
    frame_id VARCHAR NOT NULL, source VARCHAR NOT NULL, sha256 VARCHAR NOT NULL,
    sites INTEGER NOT NULL, added_at TIMESTAMP NOT NULL
);

-- A row a site of a frame: `site` is what visits call it, `listed` how the list spells it; `part` is `panel` or
-- `refresh` where the frame has a fixed panel beside a fresh sample.
CREATE TABLE frame_site (
    frame_id VARCHAR NOT NULL, site VARCHAR NOT NULL, host_key VARCHAR NOT NULL,
    name VARCHAR, stratum VARCHAR, category VARCHAR, country VARCHAR, rank BIGINT, weight DOUBLE, part VARCHAR, listed VARCHAR
);

-- A row a dated run over one frame by one tool version from one vantage point.
CREATE TABLE snapshot (
    snapshot_id VARCHAR NOT NULL, taken_on DATE NOT NULL, source VARCHAR NOT NULL, frame_id VARCHAR,
    vantage VARCHAR, tool_version VARCHAR NOT NULL, settings VARCHAR NOT NULL, opened_at TIMESTAMP NOT NULL
);

-- A row an end of a run over a snapshot: its state (finished, interrupted, failed) and counts as JSON.
CREATE TABLE run (
    snapshot_id VARCHAR NOT NULL, state VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP NOT NULL,
    tool_version VARCHAR NOT NULL, counts VARCHAR NOT NULL
);

-- A row a portion of input taken in, in one transaction; `sha256` is the fingerprint of that portion, so that
-- taking it in twice changes nothing.
CREATE TABLE segment (
    segment_id INTEGER NOT NULL, sha256 VARCHAR NOT NULL, name VARCHAR NOT NULL, tool_version VARCHAR NOT NULL,
    visits BIGINT NOT NULL, exchanges BIGINT NOT NULL, rejects BIGINT NOT NULL, taken_in_at TIMESTAMP NOT NULL
);

-- A row a piece of input that could not become an exchange, with the reason: nothing is lost silently.
CREATE TABLE reject (
    segment_id INTEGER NOT NULL, place VARCHAR NOT NULL, site VARCHAR, reason VARCHAR NOT NULL, raw VARCHAR
);

-- A row a distinct body that is content (error pages and bot challenges are none: they are not even hashed). `sha256`
-- and `bytes` are those of what was kept, cut at its cap where `truncated`; `data` holds that, NULL for pages and
-- media files unless the settings keep them (they are in the WARC segment).
CREATE TABLE body (
    sha256 VARCHAR NOT NULL, bytes BIGINT NOT NULL, truncated BOOLEAN NOT NULL, data BLOB USING COMPRESSION zstd
);

-- A row a retained header line of a distinct header set.
CREATE TABLE header_set (sha256 VARCHAR NOT NULL, ordinal SMALLINT NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL);

-- A row a request and what came back; each redirect hop is a row. Key: (segment_id, seq). `unchanged_since` is when the
-- body was fetched where the server now said no more than that it is the same (304 Not Modified): `status` and body are
-- those of then, `fetched_at` is now. NULL wherever the body itself came.
CREATE TABLE exchange (
    segment_id INTEGER NOT NULL, seq INTEGER NOT NULL, snapshot_id VARCHAR NOT NULL, site VARCHAR NOT NULL,
    role VARCHAR NOT NULL, hop SMALLINT NOT NULL, url VARCHAR NOT NULL, outcome VARCHAR NOT NULL, status SMALLINT,
    detail VARCHAR, fetched_at TIMESTAMP NOT NULL, elapsed_ms INTEGER, ip VARCHAR, body_sha256 VARCHAR,
    header_set_sha256 VARCHAR, truncated BOOLEAN NOT NULL, redirect_to VARCHAR, etag VARCHAR, last_modified VARCHAR,
    unchanged_since TIMESTAMP
);

-- A row a distinct picture of a site: what the last exchange of each role showed. `evidence_id` is 64 bits of
-- the hash of all its rows, so a site that looks the same in 200 snapshots is judged once.
CREATE TABLE evidence (
    evidence_id BIGINT NOT NULL, role VARCHAR NOT NULL, outcome VARCHAR NOT NULL, status SMALLINT,
    body_sha256 VARCHAR, header_set_sha256 VARCHAR, truncated BOOLEAN NOT NULL
);

-- A row a site in a snapshot. The exchanges stand in snapshot `facts_snapshot_id`: the same one when `basis` is
-- `observed`, an earlier one when the source recorded the site as unchanged since. Key: (snapshot_id, site).
CREATE TABLE visit (
    snapshot_id VARCHAR NOT NULL, site VARCHAR NOT NULL, evidence_id BIGINT NOT NULL, basis VARCHAR NOT NULL,
    facts_snapshot_id VARCHAR NOT NULL, segment_id INTEGER NOT NULL, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP NOT NULL
);

-- A row a content that today's readers have read, also when they found nothing in it.
CREATE TABLE read_log (role VARCHAR NOT NULL, part VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL, readers VARCHAR NOT NULL);

-- A row a stance found in a distinct content by one version of one reader.
CREATE TABLE reading (
    reading_id VARCHAR NOT NULL, role VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL,
    reader VARCHAR NOT NULL, reader_version INTEGER NOT NULL,
    carrier VARCHAR NOT NULL, use VARCHAR NOT NULL, stance VARCHAR NOT NULL, strength VARCHAR NOT NULL,
    locator VARCHAR NOT NULL, line INTEGER, raw VARCHAR NOT NULL, agent VARCHAR NOT NULL, scope VARCHAR NOT NULL,
    pattern VARCHAR, interpretation VARCHAR NOT NULL, vocabulary VARCHAR NOT NULL, provenance VARCHAR NOT NULL,
    condition VARCHAR, note VARCHAR, in_force_from DATE, in_force_until DATE
);

-- A row a licence declared in a distinct content.
CREATE TABLE licence_claim (
    claim_id VARCHAR NOT NULL, role VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL,
    reader VARCHAR NOT NULL, reader_version INTEGER NOT NULL,
    carrier VARCHAR NOT NULL, url VARCHAR NOT NULL, spdx VARCHAR, family VARCHAR, version VARCHAR, jurisdiction VARCHAR,
    licence_class VARCHAR NOT NULL, subject VARCHAR NOT NULL, locator VARCHAR NOT NULL, raw VARCHAR NOT NULL,
    location VARCHAR, partial BOOLEAN NOT NULL, note VARCHAR
);

-- A row a carrier that stands in a content and cannot be read as its specification asks.
CREATE TABLE fault (
    role VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL, reader VARCHAR NOT NULL, reader_version INTEGER NOT NULL,
    carrier VARCHAR NOT NULL, reason VARCHAR NOT NULL, locator VARCHAR NOT NULL, raw VARCHAR NOT NULL
);

-- A row a plain fact found in a content: no stance, no licence.
CREATE TABLE fact (
    role VARCHAR NOT NULL, content_sha256 VARCHAR NOT NULL, reader VARCHAR NOT NULL, reader_version INTEGER NOT NULL,
    carrier VARCHAR NOT NULL, name VARCHAR NOT NULL, value VARCHAR NOT NULL, locator VARCHAR NOT NULL, raw VARCHAR NOT NULL
);

-- A row a product token named in a distinct robots.txt, plus the row `*` for every token not named there.
CREATE TABLE access (
    body_sha256 VARCHAR NOT NULL, reader_version INTEGER NOT NULL, token VARCHAR NOT NULL, basis VARCHAR NOT NULL,
    root_blocked BOOLEAN NOT NULL, full_exact BOOLEAN NOT NULL, full_probe BOOLEAN NOT NULL, full_dpi BOOLEAN NOT NULL,
    partial BOOLEAN NOT NULL, none BOOLEAN NOT NULL, explicit_allow BOOLEAN NOT NULL, line INTEGER, raw VARCHAR,
    profile VARCHAR NOT NULL
);

-- A row a use an agent of the registry is known for, for every registry version ever used here; `principal` where
-- the use belongs to the purpose listed first, the only one a refusal of that agent is taken to be about.
CREATE TABLE agent (
    registry VARCHAR NOT NULL, token VARCHAR NOT NULL, token_key VARCHAR NOT NULL, operator VARCHAR NOT NULL,
    use VARCHAR, principal BOOLEAN NOT NULL, purposes VARCHAR NOT NULL, control_only BOOLEAN NOT NULL, announced_by DATE, retired VARCHAR
);

-- A row a carrier of a distinct picture: was it looked at, and what was there.
CREATE TABLE coverage (
    evidence_id BIGINT NOT NULL, carrier VARCHAR NOT NULL, state VARCHAR NOT NULL, reason VARCHAR, readers VARCHAR NOT NULL
);

-- A row a conclusion about a distinct picture, for one use, by one version of rules, registry and readers.
-- `state` follows what publishers plainly meant, `state_strict` the specifications to the letter. `deciding` names the readings (reading_id, or `access` rows as body:robots-groups:token) that made it.
CREATE TABLE verdict (
    evidence_id BIGINT NOT NULL, use VARCHAR NOT NULL, rules VARCHAR NOT NULL, registry VARCHAR NOT NULL,
    readers VARCHAR NOT NULL, state VARCHAR NOT NULL, state_strict VARCHAR NOT NULL, reason VARCHAR, rule VARCHAR NOT NULL, strength VARCHAR,
    agents_refused INTEGER NOT NULL, agents_known INTEGER NOT NULL, deciding VARCHAR[] NOT NULL
);
