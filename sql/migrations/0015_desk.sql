-- What the pages ask: which task did what to a batch, what came in when, what failed lately.

create table batch_task (
    batch_task_id bigint generated always as identity primary key,
    batch_id      bigint not null references batch on delete cascade,
    stage         text not null,
    dag_id        text not null,
    run_id        text not null,
    task_id       text not null,
    map_index     int not null,
    try_number    int not null,
    begun_at      timestamptz not null default clock_timestamp(),
    ended_at      timestamptz,
    entries       int,
    ok            int
);
-- serves desk_batch.of_task: from a task in Airflow's grid to its batch
create index batch_task_run_idx on batch_task (dag_id, run_id, task_id, map_index);
-- serves desk_batch.tasks: who worked on a batch
create index batch_task_batch_idx on batch_task (batch_id);
comment on table batch_task is 'Which Airflow task did which stage of a batch, and what came of it.';
comment on column batch_task.batch_task_id is 'Its id.';
comment on column batch_task.batch_id is 'The batch.';
comment on column batch_task.stage is 'The stage.';
comment on column batch_task.dag_id is 'The DAG.';
comment on column batch_task.run_id is 'Its run.';
comment on column batch_task.task_id is 'The task.';
comment on column batch_task.map_index is 'Which of the mapped tasks; -1 where it is not mapped.';
comment on column batch_task.try_number is 'Which try of the task, from 1.';
comment on column batch_task.begun_at is 'When it began.';
comment on column batch_task.ended_at is 'When it succeeded; null while it is at it, or when it failed.';
comment on column batch_task.entries is 'Entries that it moved.';
comment on column batch_task.ok is 'Of these, those that go on.';

-- serves desk_overview.arrivals: what came in by hour, and what became of it
create index entry_seen_idx on entry (first_seen_at) include (status, reason);
-- serves desk_outcomes.by_reason: what failed for one reason, the newest first
create index entry_reason_idx on entry (reason, settled_at desc, entry_id desc) include (source_id) where reason is not null;
-- serves desk_outcomes.by_source: what failed at one source, the newest first
create index entry_source_reason_idx on entry (source_id, settled_at desc, entry_id desc) where reason is not null;
-- serves desk_batch.entries and batches.account: all entries of a batch, also those that are done
create index entry_of_batch_idx on entry (batch_id);
-- serves desk_overview.lags and desk_overview.topic_days, from the index alone, and analyst.articles: what was loaded since
create index article_lately_idx on article (loaded_at) include (first_seen_at, published_at, published_precision, topics) where loaded_at is not null;
drop index article_loaded_idx;
