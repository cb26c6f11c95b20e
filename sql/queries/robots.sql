-- name: known — what is kept of these sites' robots.txt
select origin, body, fetched_at, expires_at, broken_since, why from robots where origin = any(%(origins)s);

-- name: keep — what an answer made of it; of two workers that asked at once the later answer stays
insert into robots (origin, body, fetched_at, expires_at, broken_since, why) values %s
on conflict (origin) do update set
    body = excluded.body, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at,
    broken_since = excluded.broken_since, why = excluded.why
returning origin;
