-- name: arrivals — entries first seen since a time, by hour, with what became of them
select date_bin('1 hour', first_seen_at, timestamptz '2000-01-01 00:00+00') as hour, status, reason, count(*) as entries
from entry where first_seen_at >= %(since)s::timestamptz group by 1, 2, 3;

-- name: lags — of the articles loaded last: from publication to load (announced within a week of it, time of day known), and from first seen to load; seconds
select count(*) as articles, count(*) filter (where dated) as dated,
       percentile_cont(0.5) within group (order by extract(epoch from loaded_at - published_at)) filter (where dated) as published_p50,
       percentile_cont(0.9) within group (order by extract(epoch from loaded_at - published_at)) filter (where dated) as published_p90,
       percentile_cont(0.5) within group (order by extract(epoch from loaded_at - first_seen_at)) as seen_p50,
       percentile_cont(0.9) within group (order by extract(epoch from loaded_at - first_seen_at)) as seen_p90
from (select loaded_at, first_seen_at, published_at,
             published_precision <> 'day' and published_at between first_seen_at - interval '7 days' and loaded_at as dated
      from article where loaded_at is not null order by loaded_at desc limit %(limit)s) a;

-- name: topic_days — articles loaded since a time, by day and by the topics that they are on; days on which nothing was loaded have no row
select date_bin('1 day', loaded_at, timestamptz '2000-01-01 00:00+00') as day, topics, count(*) as articles
from article where loaded_at >= %(since)s::timestamptz group by 1, 2;

-- name: waiting — entries that wait, by stage, and how many of them could go on now
select stage, count(*) as entries, min(ready_at) as next_at, min(first_seen_at) as oldest_at,
       count(*) filter (where ready_at <= now()) as due
from entry where stage <> 'done' group by 1 order by 1;

-- name: quiet — feeds that answer and bring nothing new for much longer than their rhythm, the longest first
select feed_id, source, url, last_new_at, silent_for, usual_gap from analyst.silent_feeds order by silent_for desc limit %(limit)s;
