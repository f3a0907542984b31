-- The licences declared in the contents of a dossier. Grain: a row a claim. Inputs: place, used, licence_claim.
-- Columns: those of LicenceLine.
SELECT subject, spdx, licence_class, licence_claim.url AS licence_url, partial, carrier, place.url, locator, raw,
    place.content_sha256, seen_at
FROM place JOIN used USING (role, part, content_sha256)
JOIN licence_claim ON licence_claim.role = place.role AND licence_claim.content_sha256 = place.content_sha256
    AND licence_claim.reader = used.reader AND licence_claim.reader_version = used.version
ORDER BY licence_class, spdx NULLS LAST, carrier, locator
