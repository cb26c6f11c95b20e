"""The web pages inside the Airflow UI: what an analyst reads and an operator watches."""
