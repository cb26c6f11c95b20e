-- Tags belong to a tagging (a version of a topic under an engine) and have an end, so that any past state can be asked for.
-- Each migrate makes the views anew.
drop view if exists analyst.article_topics, analyst.evidence, analyst.topics cascade;

alter table topic_version add note text not null default '';
comment on column topic_version.note is 'Why it was written, in its author''s words.';

create table topic_retag (
    retag_id        int generated always as identity primary key,
    requested_by    text not null,
    requested_at    timestamptz not null default now(),
    upto_article_id int not null,
    state           text not null check (state in ('building', 'live', 'abandoned')),
    ended_at        timestamptz
);
-- serves retag.open: what is left to do
create index topic_retag_building_idx on topic_retag (retag_id) where state = 'building';
comment on table topic_retag is 'Runs over the stored articles that give changed topics their tags, beside the live ones, and then switch.';
comment on column topic_retag.retag_id is 'Its id.';
comment on column topic_retag.requested_by is 'Who activated the topics.';
comment on column topic_retag.requested_at is 'When.';
comment on column topic_retag.upto_article_id is 'The newest article that it has to read; later ones get their tags when they come in.';
comment on column topic_retag.state is 'building, live (it switched), or abandoned (a newer one took its place).';
comment on column topic_retag.ended_at is 'When it switched or was abandoned.';

create table topic_retag_batch (
    retag_id        int not null references topic_retag on delete cascade,
    batch           int not null,
    next_article_id int not null,
    last_article_id int not null,
    articles        int not null default 0,
    tags            int not null default 0,
    finished_at     timestamptz,
    primary key (retag_id, batch)
);
comment on table topic_retag_batch is 'Ranges of articles that a run over the stored articles is divided into, and how far each has come.';
comment on column topic_retag_batch.retag_id is 'The run.';
comment on column topic_retag_batch.batch is 'Its number, from 0.';
comment on column topic_retag_batch.next_article_id is 'Where it goes on.';
comment on column topic_retag_batch.last_article_id is 'Where it ends.';
comment on column topic_retag_batch.articles is 'Articles read so far.';
comment on column topic_retag_batch.tags is 'Tags given so far.';
comment on column topic_retag_batch.finished_at is 'When its end was reached.';

create table topic_tagging (
    tagging_id int generated always as identity primary key,
    retag_id   int references topic_retag,
    topic_id   text not null,
    version    int not null,
    engine     text not null,
    state      text not null check (state in ('building', 'live', 'retired', 'abandoned')),
    created_at timestamptz not null default now(),
    live_at    timestamptz,
    retired_at timestamptz,
    foreign key (topic_id, version) references topic_version,
    check ((state in ('live', 'retired')) = (live_at is not null)),
    check ((state = 'retired') = (retired_at is not null))
);
-- serves topics.taggings: one tagging of a topic is live
create unique index topic_tagging_live_idx on topic_tagging (topic_id) where state = 'live';
-- serves topics.taggings: one is being built
create unique index topic_tagging_building_idx on topic_tagging (topic_id) where state = 'building';
comment on table topic_tagging is 'All tags that one version of a topic gave under one engine; analysts see those of the live one.';
comment on column topic_tagging.tagging_id is 'Its id.';
comment on column topic_tagging.retag_id is 'The run over the stored articles that made it; null where there was nothing to run over.';
comment on column topic_tagging.topic_id is 'The topic.';
comment on column topic_tagging.version is 'The version of the topic.';
comment on column topic_tagging.engine is 'Version of the matcher that read the stored articles.';
comment on column topic_tagging.state is 'building beside the live one, live, retired, or abandoned before it was live.';
comment on column topic_tagging.created_at is 'When it was begun.';
comment on column topic_tagging.live_at is 'Since when analysts see it.';
comment on column topic_tagging.retired_at is 'Until when they saw it.';

insert into topic_tagging (topic_id, version, engine, state, live_at) select topic_id, live_version, '1', 'live', created_at from topic;

alter table topic_evidence drop constraint topic_evidence_article_id_topic_id_fkey;
alter table article_topic drop constraint article_topic_pkey;
alter table article_topic add tag_id bigint generated always as identity primary key;
alter table article_topic add tagging_id int references topic_tagging;
alter table article_topic add valid_to timestamptz;
update article_topic t set tagging_id = g.tagging_id from topic_tagging g where g.topic_id = t.topic_id;
alter table article_topic alter tagging_id set not null;
-- serves topics.forget_tags and retag.switch: an article has one tag of a tagging at a time
create unique index article_topic_tagging_idx on article_topic (tagging_id, article_id) where valid_to is null;
-- serves explain.topics, and the history of an article
create index article_topic_article_idx on article_topic (article_id);
comment on table article_topic is 'Which topics an article is on, under which version of each, now and before.';
comment on column article_topic.tag_id is 'Its id.';
comment on column article_topic.tagging_id is 'The tagging that it belongs to.';
comment on column article_topic.tagged_at is 'When; with valid_to, how long it was so within its tagging.';
comment on column article_topic.valid_to is 'When the article was read anew and this tag gave way; null for the one that counts.';

alter table topic_evidence add tag_id bigint;
update topic_evidence e set tag_id = t.tag_id from article_topic t where (t.article_id, t.topic_id) = (e.article_id, e.topic_id);
alter table topic_evidence drop article_id, drop topic_id;
alter table topic_evidence alter tag_id set not null;
alter table topic_evidence add primary key (tag_id, position);
alter table topic_evidence add foreign key (tag_id) references article_topic on delete cascade;
alter table topic_evidence add sentence_start int, add sentence_end int;
update topic_evidence set sentence_start = start_at, sentence_end = end_at;
alter table topic_evidence alter sentence_start set not null, alter sentence_end set not null;
comment on column topic_evidence.tag_id is 'The tag.';
comment on column topic_evidence.sentence_start is 'Offset of the first character of the sentence that they stand in.';
comment on column topic_evidence.sentence_end is 'Offset behind its last character.';

create table topic_label (
    label_id    bigint generated always as identity primary key,
    topic_id    text not null references topic,
    article_id  int not null references article on delete cascade,
    level       text not null check (level in ('primary', 'secondary', 'none', 'unsure')),
    labelled_by text not null,
    labelled_at timestamptz not null default now(),
    note        text not null default '',
    text_sha256 bytea not null
);
-- serves analyst.topic_labels: the newest label of an article
create index topic_label_article_idx on topic_label (topic_id, article_id, labelled_at desc);
comment on table topic_label is 'What analysts say that articles are on; the newest label of an article counts.';
comment on column topic_label.label_id is 'Its id.';
comment on column topic_label.topic_id is 'The topic.';
comment on column topic_label.article_id is 'The article.';
comment on column topic_label.level is 'primary: its main subject; secondary: material but not main; none; unsure: left out of the figures.';
comment on column topic_label.labelled_by is 'Who says so.';
comment on column topic_label.labelled_at is 'When.';
comment on column topic_label.note is 'Why.';
comment on column topic_label.text_sha256 is 'The text that was read.';
