-- name: live — the live generation of a stage
select generation_id, version, config_hash from generation where stage = %(stage)s and state = 'live';

-- name: retire — the live generation gives way
update generation set state = 'retired' where stage = %(stage)s and state = 'live';

-- name: enliven — this version is the live one
insert into generation (stage, version, config_hash, state, live_at) values (%(stage)s, %(version)s, %(config_hash)s, 'live', clock_timestamp())
on conflict (stage, version, config_hash) do update set state = 'live', live_at = clock_timestamp()
returning generation_id;
