-- Counts that are kept beside what they count: analysts, pages and alerts need not count a million articles each time.
create function mediawatch.article_day(published_at timestamptz, zone_min int) returns date language sql immutable parallel safe as $$
    select (published_at at time zone 'UTC' + make_interval(mins => coalesce(zone_min, 0)))::date
$$;
comment on function mediawatch.article_day is 'The day of publication, in the time zone that the page states, else UTC.';

create function mediawatch.utc_hour(moment timestamptz) returns timestamptz language sql immutable parallel safe as $$
    select date_trunc('hour', moment at time zone 'UTC') at time zone 'UTC'
$$;
comment on function mediawatch.utc_hour is 'The hour that a moment is in.';

-- serves analyst.articles by published_on, and volume_now by source and day
create index article_day_idx on article (mediawatch.article_day(published_at, published_zone_min), source_id) where loaded_at is not null;
-- serves analyst.lags
create index article_hour_idx on article (mediawatch.utc_hour(loaded_at)) where loaded_at is not null;

create table volume (
    day       date,
    topic_id  text,
    source_id int not null,
    language  text,
    articles  int not null,
    main      int not null,
    stories   int not null,
    unique nulls not distinct (source_id, day, topic_id, language)
);
-- serves analyst.volume and analyst.topic_volume: the days of a topic
create index volume_topic_idx on volume (topic_id, day);
comment on table volume is 'Loaded articles counted by day, topic, source and language; triggers keep it equal to volume_now.';
comment on column volume.day is 'As article_day has it; null when the publication is not known.';
comment on column volume.topic_id is 'A topic, as it tags now; null: all articles, on a topic or on none.';
comment on column volume.source_id is 'The source.';
comment on column volume.language is 'The language; null when it cannot be told.';
comment on column volume.articles is 'Loaded articles.';
comment on column volume.main is 'Of these, those whose main subject the topic is; 0 where topic_id is null.';
comment on column volume.stories is 'Of these, those that stand for their story.';

create table volume_due (
    source_id int,
    day       date,
    topic_id  text
);
comment on table volume_due is 'What a transaction has to count anew when it commits; empty for everybody else.';
comment on column volume_due.source_id is 'A source whose articles of the day have changed; null: a whole topic has.';
comment on column volume_due.day is 'The day; null: those without one.';
comment on column volume_due.topic_id is 'The topic whose live tagging is another one.';

create view volume_now as
select mediawatch.article_day(a.published_at, a.published_zone_min) as day, null::text as topic_id, a.source_id, a.language,
       count(*)::int as articles, 0 as main, count(*) filter (where a.article_id = s.canonical_article_id)::int as stories
from article a left join story s using (story_id)
where a.loaded_at is not null
group by mediawatch.article_day(a.published_at, a.published_zone_min), a.source_id, a.language
union all
select mediawatch.article_day(a.published_at, a.published_zone_min), t.topic_id, a.source_id, a.language,
       count(*)::int, count(*) filter (where t.level = 'primary')::int, count(*) filter (where a.article_id = s.canonical_article_id)::int
from article a
join article_topic t on t.article_id = a.article_id and t.valid_to is null
join topic_tagging g on g.tagging_id = t.tagging_id and g.state = 'live'
left join story s using (story_id)
where a.loaded_at is not null
group by mediawatch.article_day(a.published_at, a.published_zone_min), t.topic_id, a.source_id, a.language;
comment on view volume_now is 'What the table volume has to hold, counted from the articles.';

create function mediawatch.note_article() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into volume_due (source_id, day)
    select source_id, article_day(published_at, published_zone_min) from (values
        (old.source_id, old.published_at, old.published_zone_min, old.loaded_at),
        (new.source_id, new.published_at, new.published_zone_min, new.loaded_at)) a (source_id, published_at, published_zone_min, loaded_at)
    where loaded_at is not null;
    return null;
end $$;
comment on function mediawatch.note_article is 'A loaded article has come, gone, or is counted elsewhere.';

create function mediawatch.note_story() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into volume_due (source_id, day)
    select source_id, article_day(published_at, published_zone_min) from article
    where article_id in (old.canonical_article_id, new.canonical_article_id) and loaded_at is not null;
    return null;
end $$;
comment on function mediawatch.note_story is 'Another article stands for a story.';

create function mediawatch.note_tag() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into volume_due (source_id, day)
    select source_id, article_day(published_at, published_zone_min) from article
    where article_id = coalesce(new.article_id, old.article_id) and loaded_at is not null
      and exists (select from topic_tagging g where g.tagging_id = coalesce(new.tagging_id, old.tagging_id) and g.state = 'live');
    return null;
end $$;
comment on function mediawatch.note_tag is 'A loaded article has a tag more or less, or one of another level.';

create function mediawatch.note_tagging() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into volume_due (topic_id) values (new.topic_id);
    return null;
end $$;
comment on function mediawatch.note_tagging is 'Another tagging of a topic is the live one.';

create function mediawatch.refresh_volume() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    if not exists (select from volume_due) then  -- the first row of a transaction has seen to all of them
        return null;
    end if;
    perform pg_advisory_xact_lock(28013);  -- whoever comes after counts what this transaction has committed
    delete from volume v using (select distinct topic_id from volume_due) c where v.topic_id = c.topic_id;
    insert into volume
    select v.* from (select distinct topic_id from volume_due where topic_id is not null) c
    cross join lateral (select * from volume_now n where n.topic_id = c.topic_id offset 0) v;
    delete from volume v using volume_due c where v.source_id = c.source_id and v.day = c.day;
    delete from volume v using volume_due c where v.source_id = c.source_id and v.day is null and c.day is null;
    insert into volume
    select v.* from (select distinct source_id, day from volume_due where day is not null) c
    cross join lateral (select * from volume_now n where n.source_id = c.source_id and n.day = c.day offset 0) v
    union all
    select v.* from (select distinct source_id from volume_due where source_id is not null and day is null) c
    cross join lateral (select * from volume_now n where n.source_id = c.source_id and n.day is null offset 0) v;
    delete from volume_due;
    return null;
end $$;
comment on function mediawatch.refresh_volume is 'Counts anew, at the end of a transaction, what it has changed.';

create function mediawatch.rebuild_volume() returns bigint language plpgsql as $$
declare
    counted bigint;
begin
    perform pg_advisory_xact_lock(28013);
    delete from mediawatch.volume;
    insert into mediawatch.volume select * from mediawatch.volume_now;
    get diagnostics counted = row_count;
    return counted;
end $$;
comment on function mediawatch.rebuild_volume is 'Counts everything anew, after articles were put in with triggers off.';

create trigger article_comes after insert on article for each row when (new.loaded_at is not null) execute function mediawatch.note_article();
create trigger article_goes after delete on article for each row when (old.loaded_at is not null) execute function mediawatch.note_article();
create trigger article_changes after update on article for each row
    when ((old.loaded_at is null, old.source_id, old.published_at, old.published_zone_min, old.language, old.story_id)
          is distinct from (new.loaded_at is null, new.source_id, new.published_at, new.published_zone_min, new.language, new.story_id))
    execute function mediawatch.note_article();
create trigger story_changes after update on story for each row
    when (old.canonical_article_id is distinct from new.canonical_article_id) execute function mediawatch.note_story();
create trigger tag_comes_or_goes after insert or delete on article_topic for each row execute function mediawatch.note_tag();
create trigger tag_changes after update on article_topic for each row
    when ((old.level, old.valid_to) is distinct from (new.level, new.valid_to)) execute function mediawatch.note_tag();
create trigger tagging_comes after insert on topic_tagging for each row when (new.state = 'live') execute function mediawatch.note_tagging();
create trigger tagging_changes after update on topic_tagging for each row
    when ((old.state = 'live') <> (new.state = 'live')) execute function mediawatch.note_tagging();
create constraint trigger volume_at_commit after insert on volume_due deferrable initially deferred for each row execute function mediawatch.refresh_volume();

create table arrival (
    hour    timestamptz not null,
    status  text not null,
    reason  text,
    entries int not null
);
-- serves analyst.arrivals
create index arrival_hour_idx on arrival (hour);
comment on table arrival is 'Entries counted by the hour in which they were first seen and by what they came to; several rows of a kind add up.';
comment on column arrival.hour is 'Its beginning.';
comment on column arrival.status is 'As in entry.';
comment on column arrival.reason is 'As in entry.';
comment on column arrival.entries is 'How many more, or fewer; writers only add rows, so none waits for another.';

create function mediawatch.count_arrivals() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        insert into arrival select utc_hour(first_seen_at), status, reason, count(*) from entries_new group by 1, 2, 3;
    elsif tg_op = 'DELETE' then
        insert into arrival select utc_hour(first_seen_at), status, reason, -count(*) from entries_old group by 1, 2, 3;
    else
        insert into arrival
        select hour, status, reason, sum(n) from (
            select utc_hour(first_seen_at) as hour, status, reason, 1 as n from entries_new
            union all select utc_hour(first_seen_at), status, reason, -1 from entries_old) c
        group by 1, 2, 3 having sum(n) <> 0;
    end if;
    return null;
end $$;
comment on function mediawatch.count_arrivals is 'Entries have come, gone, or come to something.';
create trigger entries_come after insert on entry referencing new table as entries_new for each statement execute function mediawatch.count_arrivals();
create trigger entries_go after delete on entry referencing old table as entries_old for each statement execute function mediawatch.count_arrivals();
create trigger entries_change after update on entry referencing old table as entries_old new table as entries_new
    for each statement execute function mediawatch.count_arrivals();

create table feed_day (
    feed_id     int not null references feed on delete cascade,
    day         date not null,
    polls       int not null default 0,
    ok_polls    int not null default 0,
    entries     int not null default 0,
    last_ok_at  timestamptz,
    last_new_at timestamptz,
    longest_gap interval,
    primary key (feed_id, day)
);
-- serves analyst.feed_coverage: all feeds of a day
create index feed_day_day_idx on feed_day (day);
comment on table feed_day is 'Polls and announcements of each feed added up by day (UTC); it outlives the log of polls.';
comment on column feed_day.feed_id is 'The feed.';
comment on column feed_day.day is 'The day.';
comment on column feed_day.polls is 'Polls.';
comment on column feed_day.ok_polls is 'Of these, those that were answered with a feed.';
comment on column feed_day.entries is 'Entries that it announced for the first time.';
comment on column feed_day.last_ok_at is 'The last of ok_polls.';
comment on column feed_day.last_new_at is 'The last announcement.';
comment on column feed_day.longest_gap is 'Longest time without an answer that ended on that day.';

create function mediawatch.count_polls() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into feed_day as d (feed_id, day, polls, ok_polls, last_ok_at, longest_gap)
    select feed_id, (polled_at at time zone 'UTC')::date, count(*), count(*) filter (where ok), max(polled_at) filter (where ok), max(polled_at - before) filter (where ok)
    from (select n.feed_id, n.polled_at, n.result in ('new', 'nothing_new', 'same_body', 'not_modified') as ok,
                 (select p.polled_at from feed_poll p where p.feed_id = n.feed_id and p.polled_at < n.polled_at
                  and p.result in ('new', 'nothing_new', 'same_body', 'not_modified') order by p.polled_at desc limit 1) as before
          from polls_new n) p
    group by 1, 2 order by 1, 2
    on conflict (feed_id, day) do update set polls = d.polls + excluded.polls, ok_polls = d.ok_polls + excluded.ok_polls,
        last_ok_at = greatest(d.last_ok_at, excluded.last_ok_at), longest_gap = greatest(d.longest_gap, excluded.longest_gap);
    return null;
end $$;
comment on function mediawatch.count_polls is 'Feeds were polled.';
create trigger polls_come after insert on feed_poll referencing new table as polls_new for each statement execute function mediawatch.count_polls();

create function mediawatch.count_announcements() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    insert into feed_day as d (feed_id, day, entries, last_new_at)
    select feed_id, (announced_at at time zone 'UTC')::date, count(*), max(announced_at) from announced_new group by 1, 2 order by 1, 2
    on conflict (feed_id, day) do update set entries = d.entries + excluded.entries, last_new_at = greatest(d.last_new_at, excluded.last_new_at);
    return null;
end $$;
comment on function mediawatch.count_announcements is 'Feeds announced entries.';
create trigger announcements_come after insert on entry_announcement referencing new table as announced_new
    for each statement execute function mediawatch.count_announcements();

create function mediawatch.rebuild_counts() returns void language plpgsql as $$
begin
    lock table mediawatch.entry, mediawatch.feed_poll, mediawatch.entry_announcement in share mode;
    perform mediawatch.rebuild_volume();
    delete from mediawatch.arrival;
    insert into mediawatch.arrival select mediawatch.utc_hour(first_seen_at), status, reason, count(*) from mediawatch.entry group by 1, 2, 3;
    update mediawatch.feed_day set entries = 0, last_new_at = null;
    insert into mediawatch.feed_day as d (feed_id, day, entries, last_new_at)
    select feed_id, (announced_at at time zone 'UTC')::date, count(*), max(announced_at) from mediawatch.entry_announcement group by 1, 2
    on conflict (feed_id, day) do update set entries = excluded.entries, last_new_at = excluded.last_new_at;
    -- days whose polls are no longer in the log, or not all of them, keep what they have
    insert into mediawatch.feed_day as d (feed_id, day, polls, ok_polls, last_ok_at, longest_gap)
    select feed_id, (polled_at at time zone 'UTC')::date, count(*), count(*) filter (where ok), max(polled_at) filter (where ok), max(gap)
    from (select feed_id, polled_at, ok, case when ok then polled_at - max(polled_at) filter (where ok) over earlier end as gap
          from (select feed_id, polled_at, result in ('new', 'nothing_new', 'same_body', 'not_modified') as ok from mediawatch.feed_poll) p
          window earlier as (partition by feed_id order by polled_at rows between unbounded preceding and 1 preceding)) p
    group by 1, 2
    on conflict (feed_id, day) do update set polls = excluded.polls, ok_polls = excluded.ok_polls, last_ok_at = excluded.last_ok_at,
        longest_gap = excluded.longest_gap where excluded.polls >= d.polls;
end $$;
comment on function mediawatch.rebuild_counts is 'Counts everything anew, after rows were put in with triggers off.';

select mediawatch.rebuild_counts();
