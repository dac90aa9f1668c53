-- Who stands behind a credential, as principals: whoever made it, or was handed it by turning it over, and those behind
-- that one (docs/adr/0033). Written once, with the credential; nobody stands behind what people, the platform and
-- earlier versions made. Runs with search_path = identity, as the owner.

ALTER TABLE api_key ADD COLUMN maker_ids text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT api_key_maker_ids_check CHECK (cardinality(maker_ids) <= 8);
ALTER TABLE service_credential ADD COLUMN maker_ids text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT service_credential_maker_ids_check CHECK (cardinality(maker_ids) <= 8);
ALTER TABLE oauth_client ADD COLUMN maker_ids text[] NOT NULL DEFAULT '{}',
  ADD CONSTRAINT oauth_client_maker_ids_check CHECK (cardinality(maker_ids) <= 8);
