-- Versions and drafts of kinds bear their author's name, not what they sign in with: colleagues who only see the kind read it.
UPDATE ticket_kind_versions v SET published_by_name = u.display_name FROM users u
WHERE u.tenant_id = v.tenant_id AND u.user_name = v.published_by_name;
UPDATE ticket_kinds k SET draft_by_name = u.display_name FROM users u
WHERE u.tenant_id = k.tenant_id AND u.user_name = k.draft_by_name;
