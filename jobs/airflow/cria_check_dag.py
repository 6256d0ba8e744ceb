"""Scheduled by the datasets that Cria's DAGs publish. docs/airflow.md"""

from cria_airflow import checks

dag = checks("cria_check")
