-- What changes is noted statement by statement, not row by row; what is recounted is read along indexes, whatever the planner knows.
-- Functions keep their first plans, made for few rows: so nothing is joined, before and after are grouped and what is there once has changed.

create or replace function mediawatch.note_article() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog as $$
begin
    if tg_op = 'INSERT' then
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from articles_new where loaded_at is not null;
    elsif tg_op = 'DELETE' then
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from articles_old where loaded_at is not null;
    else
        insert into volume_due (source_id, day)
        select distinct source_id, article_day(published_at, published_zone_min) from (
            select article_id, loaded_at is not null as loaded, source_id, published_at, published_zone_min, language, story_id
            from (select * from articles_old union all select * from articles_new) a
            group by 1, 2, 3, 4, 5, 6, 7 having count(*) = 1) changed
        where loaded;
    end if;
    return null;
end $$;
comment on function mediawatch.note_article is 'Loaded articles have come, gone, or are counted elsewhere.';

create or replace function mediawatch.note_story() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    insert into volume_due (source_id, day)
    select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
    from (select canonical_article_id from (select * from stories_old union all select * from stories_new) s
          group by story_id, canonical_article_id having count(*) = 1) c
    cross join lateral (select * from article where article_id = c.canonical_article_id offset 0) a
    where a.loaded_at is not null;
    return null;
end $$;
comment on function mediawatch.note_story is 'Other articles stand for stories.';

create or replace function mediawatch.note_tag() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
    set enable_seqscan = off as $$
begin
    if tg_op = 'DELETE' then
        insert into volume_due (source_id, day)
        select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
        from tags_old t join topic_tagging g using (tagging_id) cross join lateral (select * from article where article_id = t.article_id offset 0) a
        where g.state = 'live' and a.loaded_at is not null;
    else
        insert into volume_due (source_id, day)
        select distinct a.source_id, article_day(a.published_at, a.published_zone_min)
        from tags_new t join topic_tagging g using (tagging_id) cross join lateral (select * from article where article_id = t.article_id offset 0) a
        where g.state = 'live' and a.loaded_at is not null;
    end if;
    return null;
end $$;
comment on function mediawatch.note_tag is 'Loaded articles have tags more or less, or some of another level.';

create or replace trigger article_comes after insert on mediawatch.article referencing new table as articles_new
    for each statement execute function mediawatch.note_article();
create or replace trigger article_goes after delete on mediawatch.article referencing old table as articles_old
    for each statement execute function mediawatch.note_article();
create or replace trigger article_changes after update on mediawatch.article referencing old table as articles_old new table as articles_new
    for each statement execute function mediawatch.note_article();
create or replace trigger story_changes after update on mediawatch.story referencing old table as stories_old new table as stories_new
    for each statement execute function mediawatch.note_story();
create trigger tag_comes after insert on mediawatch.article_topic referencing new table as tags_new
    for each statement execute function mediawatch.note_tag();
create or replace trigger tag_comes_or_goes after delete on mediawatch.article_topic referencing old table as tags_old
    for each statement execute function mediawatch.note_tag();
create or replace trigger tag_changes after update on mediawatch.article_topic referencing new table as tags_new
    for each statement execute function mediawatch.note_tag();

-- The same rows as volume_now has, for some sources and days.
create or replace function mediawatch.refresh_volume() returns trigger language plpgsql security definer set search_path = mediawatch, pg_catalog
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
    with member as materialized (
        select a.*, s.canonical_article_id is not distinct from a.article_id as stands
        from (select distinct source_id, day from volume_due where source_id is not null) c
        cross join lateral (
            select c.day, source_id, language, article_id, story_id from article
            where article_day(published_at, published_zone_min) = c.day and source_id = c.source_id and loaded_at is not null
            union all
            select c.day, source_id, language, article_id, story_id from article
            where c.day is null and article_day(published_at, published_zone_min) is null and source_id = c.source_id and loaded_at is not null) a
        left join lateral (select canonical_article_id from story where story_id = a.story_id offset 0) s on true)
    insert into volume (day, topic_id, source_id, language, articles, main, stories)
    select day, null, source_id, language, count(*), 0, count(*) filter (where stands) from member group by day, source_id, language
    union all
    select m.day, t.topic_id, m.source_id, m.language, count(*), count(*) filter (where t.level = 'primary'), count(*) filter (where stands)
    from member m cross join lateral (
        select t.topic_id, t.level from article_topic t join topic_tagging g using (tagging_id)
        where t.article_id = m.article_id and t.valid_to is null and g.state = 'live' offset 0) t
    group by m.day, t.topic_id, m.source_id, m.language;
    delete from volume_due;
    return null;
end $$;
