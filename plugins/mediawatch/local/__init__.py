"""What `make demo` and `make up` run on this machine: Postgres, Airflow, and the web server of the sample corpus."""
