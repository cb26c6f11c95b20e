-- Share of the entries that failed, by hour in which they ended.
select time, sum(failed)::float / nullif(sum(ended), 0) as share from (
    select date_trunc('hour', settled_at) as time, count(*) filter (where status = 'failed') as failed, count(*) as ended
    from analyst.outcomes where status in ('failed', 'dropped') and $__timeFilter(settled_at) group by 1
    union all
    select date_trunc('hour', loaded_at), 0, count(*) from analyst.articles where $__timeFilter(loaded_at) group by 1) each_kind
group by 1 order by 1
