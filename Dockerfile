# The pipeline and Airflow in one image; docker-compose.yml gives each service its command.
FROM python:3.12.11-slim-bookworm

RUN groupadd --gid 50000 mediawatch && useradd --create-home --uid 50000 --gid 50000 mediawatch
WORKDIR /opt/mediawatch
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY plugins plugins
COPY dags dags
COPY sql sql
COPY docker docker
RUN pip install --no-cache-dir --no-deps -e . \
    && mkdir -p /var/lib/mediawatch/archive /opt/airflow/logs \
    && echo "# Airflow's settings come from the environment." > /opt/airflow/airflow.cfg \
    && python -m compileall -q plugins dags \
    && chown -R mediawatch:mediawatch /var/lib/mediawatch /opt/airflow/logs

USER mediawatch
ENV AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/mediawatch/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/mediawatch/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    MEDIAWATCH_HOME=/var/lib/mediawatch
ENTRYPOINT ["/opt/mediawatch/docker/entrypoint"]
