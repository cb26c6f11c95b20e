-- name: live — the live generation of a stage
select generation_id, version, config_hash from generation where stage = %(stage)s and state = 'live';

-- name: retire — the live generation gives way
update generation set state = 'retired' where stage = %(stage)s and state = 'live';

-- name: enliven — this version is the live one
insert into generation (stage, version, config_hash, state, live_at) values (%(stage)s, %(version)s, %(config_hash)s, 'live', clock_timestamp())
on conflict (stage, version, config_hash) do update set state = 'live', live_at = clock_timestamp()
returning generation_id;

-- name: build — a version that rows are made under; the live one stays live
insert into generation (stage, version, config_hash, state) values (%(stage)s, %(version)s, %(config_hash)s, 'building')
on conflict (stage, version, config_hash) do update
    set state = case when generation.state = 'live' then 'live' else 'building' end
returning generation_id;

-- name: mark — versions that are not live: draft when they wait for a person, retired when they are given up
update generation set state = %(state)s where generation_id = any(%(generation_ids)s) and state <> 'live';
