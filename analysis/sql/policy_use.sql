-- The newest verdicts about the uses a profile looks at, one row a picture.
-- Grain of policy_use: a row a picture that has been judged. Inputs: policy_seen, verdict_now, policy_rule (use, strict).
-- Columns: evidence_id, facts (a list by use, equal for pictures that are judged alike), said (use to the ids of the
-- statements the verdict rests on), rules, registry, readers.
CREATE OR REPLACE TEMP TABLE policy_use AS
SELECT evidence_id,
    list({'use': use, 'state': state, 'state_strict': state_strict, 'strength': strength, 'rule': rule, 'reason': reason}
        ORDER BY use) AS facts,
    map_from_entries(list({'k': use, 'v': deciding} ORDER BY use)) AS said,
    max(rules) AS rules, max(registry) AS registry, max(readers) AS readers
FROM verdict_now
SEMI JOIN policy_seen USING (evidence_id)
SEMI JOIN policy_rule USING (use)
GROUP BY evidence_id
