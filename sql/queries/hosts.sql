-- name: reserve — take a host's next free moment for one request; seconds until then
insert into host (host, next_at) values (%(host)s, clock_timestamp() + make_interval(secs => %(spacing_s)s))
on conflict (host) do update
    set next_at = greatest(clock_timestamp(), host.next_at) + make_interval(secs => %(spacing_s)s)
returning greatest(0, extract(epoch from next_at - clock_timestamp()) - %(spacing_s)s)::float8 as wait_s;

-- name: serialise_learning — one worker tells of hosts at a time: two that tell of the same ones could lock each other crosswise
select pg_advisory_xact_lock(28008);

-- name: hold — hosts that asked us to wait
insert into host (host, hold_until, why) values %s
on conflict (host) do update set hold_until = greatest(host.hold_until, excluded.hold_until), why = excluded.why
returning host;

-- name: hold_dead — hosts that do not answer: left alone twice as long each time
insert into host (host, why, failures, hold_until)
select v.host, v.why, 1, clock_timestamp() + make_interval(secs => %(base_s)s) from (values %s) v (host, why)
on conflict (host) do update set
    why = excluded.why, failures = host.failures + 1,
    hold_until = greatest(host.hold_until,
        clock_timestamp() + make_interval(secs => least(%(most_s)s, %(base_s)s * 2 ^ least(host.failures, 20))))
returning host;

-- name: given_up_often — those of these hosts that were given up so often in a row
select host from host where host = any(%(hosts)s) and failures >= %(times)s;

-- name: revive — hosts that answer again
update host set failures = 0 where host = any(%(hosts)s) and failures > 0
returning host;
